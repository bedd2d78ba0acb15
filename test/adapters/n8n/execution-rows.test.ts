import { executionRowOf } from '../../../adapters/n8n/database/execution-rows';

// Postgres has the times infinity and -infinity, and years that no date of ours reaches.
it.each([Infinity, -Infinity, NaN, 9e15, null])('reads no time from %d', (time) => {
	const row = { id: 7, workflowId: 'w', status: 'waiting', mode: 'trigger' };
	const { createdAt, startedAt, stoppedAt, waitTill } = executionRowOf({
		...row,
		...{ createdAt: time, startedAt: time, stoppedAt: time, waitTill: time },
	});
	expect(createdAt).toBe(0);
	expect([startedAt, stoppedAt, waitTill]).toEqual([undefined, undefined, undefined]);
});
