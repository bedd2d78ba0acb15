import { defineNode, keep } from './define-node';

/** Puts the execution to wait, as n8n's Wait does for long waits. */
export const waiter = (ms = 3_600_000) =>
	defineNode('waiter', async function (items) {
		await this.putExecutionToWait(new Date(Date.now() + ms));
		return [items.map(keep)];
	});
