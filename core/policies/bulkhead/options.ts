import { z } from 'zod';

import { duration, integer } from '../../options';

/** Options of a bulkhead (semaphore bulkhead of resilience4j, with a queue). */
export const bulkheadOptions = z.strictObject({
	maxConcurrentCalls: integer(1, 100_000, 100, {
		title: 'Maximum Concurrent Calls',
		description: 'How many calls may run at the same time, for each key',
		unit: 'calls',
	}),
	maxQueueSize: integer(0, 100_000, 1_000, {
		title: 'Maximum Queue Size',
		description: 'How many calls may wait for a slot; further ones are rejected. 0 rejects at once',
		unit: 'calls',
	}),
	maxWaitDurationMs: duration(0, 60_000, {
		title: 'Maximum Wait',
		description: 'How long a call waits for a slot before it is rejected; 0 rejects at once',
	}),
});

export type BulkheadOptions = z.output<typeof bulkheadOptions>;
