import { setTimeout as sleep } from 'node:timers/promises';

import { defineNode, keep } from './define-node';

/** Takes `ms` for all items together; ends at once when the execution is stopped. */
export function slow(ms: number) {
	const state = { started: 0, finished: 0, cancelled: 0 };
	const type = defineNode('slow', async function (items) {
		state.started++;
		try {
			await sleep(ms, undefined, { signal: this.getExecutionCancelSignal() });
			state.finished++;
		} catch {
			state.cancelled++;
		}
		return [items.map(keep)];
	});
	return { type, state };
}
