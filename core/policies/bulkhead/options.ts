import { z } from 'zod';

import { choice, decimal, duration, integer } from '../../options';

const bulkheadStrategies = {
	fixed: 'Fixed',
	aimd: 'Adaptive: AIMD',
	gradient: 'Adaptive: Gradient',
} as const;

const whileAdaptive = { showWhen: { strategy: ['aimd', 'gradient'] } };
const withGradient = { showWhen: { strategy: ['gradient'] } };

/**
 * Options of a bulkhead (semaphore bulkhead of resilience4j, with a queue). Those of an adaptive limit and their
 * defaults are of Netflix's concurrency-limits, except that the limit may fall to one call.
 */
export const bulkheadOptions = z
	.strictObject({
		maxConcurrentCalls: integer(1, 100_000, 100, {
			title: 'Maximum Concurrent Calls',
			description: 'How many calls may run at the same time, for each key',
			unit: 'calls',
		}),
		maxQueueSize: integer(0, 100_000, 1_000, {
			title: 'Maximum Queue Size',
			description:
				'How many calls may wait for a slot; further ones are rejected. 0 rejects at once',
			unit: 'calls',
		}),
		maxWaitDurationMs: duration(0, 60_000, {
			title: 'Maximum Wait',
			description: 'How long a call waits for a slot before it is rejected; 0 rejects at once',
		}),
		strategy: choice(bulkheadStrategies, 'fixed', {
			title: 'Limit',
			description:
				'How many calls may run. Fixed: the maximum. AIMD: one more while all goes well, fewer when calls fail or are slow. Gradient: fewer as soon as calls take longer than they usually do, or fail',
		}),
		minConcurrentCalls: integer(1, 100_000, 1, {
			title: 'Lower Bound',
			description: 'The adaptive limit never falls below this',
			unit: 'calls',
			...whileAdaptive,
		}),
		initialConcurrentCalls: integer(1, 100_000, 20, {
			title: 'Initial Limit',
			description: 'The adaptive limit before anything is known',
			unit: 'calls',
			...whileAdaptive,
		}),
		backoffRatio: integer(1, 99, 90, {
			title: 'Back-Off Ratio',
			description: 'What is left of the limit when a call failed or timed out',
			unit: '%',
			...whileAdaptive,
		}),
		slowCallDurationThresholdMs: duration(0, 5_000, {
			title: 'Slow Call Duration',
			description:
				'A call that takes at least this long makes the limit fall as a failure does; 0 looks at failures only',
			showWhen: { strategy: ['aimd'] },
		}),
		latencyTolerance: decimal(1, 100, 1.5, {
			title: 'Latency Tolerance',
			description: 'How many times as long as usual calls may take before the limit falls',
			unit: 'x',
			...withGradient,
		}),
		smoothing: decimal(0.01, 1, 0.2, {
			title: 'Smoothing',
			description:
				'How much of each change is made at once: 1 follows each measurement, less follows the trend',
			unit: 'x',
			...withGradient,
		}),
		queueAllowance: integer(1, 1_000, 4, {
			title: 'Queue Allowance',
			description:
				'How many calls may wait inside the service; the limit grows by up to this at each measurement',
			unit: 'calls',
			...withGradient,
		}),
		longTermMeasurements: integer(10, 100_000, 600, {
			title: 'Long-Term Measurements',
			description:
				'How many measurements, at most one a second, the usual duration of calls is a mean of',
			unit: 'measurements',
			...withGradient,
		}),
		idleResetMs: duration(1_000, 600_000, {
			title: 'Forget After',
			description: 'Without any call for this long, the limit is the initial one again',
			...whileAdaptive,
		}),
	})
	.refine(
		({ strategy, minConcurrentCalls, maxConcurrentCalls }) =>
			strategy === 'fixed' || minConcurrentCalls <= maxConcurrentCalls,
		{ path: ['minConcurrentCalls'], message: 'above the maximum of concurrent calls' },
	)
	.refine(
		({ strategy, minConcurrentCalls, initialConcurrentCalls }) =>
			strategy === 'fixed' || initialConcurrentCalls >= minConcurrentCalls,
		{ path: ['initialConcurrentCalls'], message: 'below the lower bound' },
	)
	.refine(
		({ strategy, initialConcurrentCalls, maxConcurrentCalls }) =>
			strategy === 'fixed' || initialConcurrentCalls <= maxConcurrentCalls,
		{ path: ['initialConcurrentCalls'], message: 'above the maximum of concurrent calls' },
	);

export type BulkheadOptions = z.output<typeof bulkheadOptions>;
