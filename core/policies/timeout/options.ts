import { z } from 'zod';

import { choice, decimal, duration, integer } from '../../options';

const timeoutStrategies = { fixed: 'Fixed', adaptive: 'Adaptive' } as const;

/** Options of a timeout. */
export const timeoutOptions = z
	.strictObject({
		strategy: choice(timeoutStrategies, 'fixed', {
			title: 'Timeout',
			description: 'Fixed, or adapted to how long recent calls took',
		}),
		timeoutMs: duration(1, 30_000, {
			title: 'Time Limit',
			description:
				'How long a call may take; for an adaptive timeout, the limit until enough calls are known',
		}),
		percentile: decimal(1, 99.99, 95, {
			title: 'Percentile',
			description: 'The share of recent calls whose duration the timeout starts from',
			unit: '%',
			showWhen: { strategy: ['adaptive'] },
		}),
		multiplier: decimal(1, 100, 2, {
			title: 'Multiplier',
			description: 'The timeout is the percentile times this',
			unit: 'x',
			showWhen: { strategy: ['adaptive'] },
		}),
		minTimeoutMs: duration(1, 100, {
			title: 'Lower Bound',
			description: 'The adaptive timeout never falls below this',
			showWhen: { strategy: ['adaptive'] },
		}),
		maxTimeoutMs: duration(1, 60_000, {
			title: 'Upper Bound',
			description: 'The adaptive timeout never rises above this',
			showWhen: { strategy: ['adaptive'] },
		}),
		minimumNumberOfCalls: integer(1, 100_000, 20, {
			title: 'Minimum Number of Calls',
			description: 'The timeout adapts once this many recent calls are known',
			unit: 'calls',
			showWhen: { strategy: ['adaptive'] },
		}),
		windowMs: duration(1_000, 300_000, {
			title: 'Recent Means',
			description: 'How far back calls are taken into account',
			showWhen: { strategy: ['adaptive'] },
		}),
	})
	.refine(
		({ strategy, minTimeoutMs, maxTimeoutMs }) =>
			strategy === 'fixed' || minTimeoutMs <= maxTimeoutMs,
		{
			path: ['maxTimeoutMs'],
			message: 'below the lower bound',
		},
	);

export type TimeoutOptions = z.output<typeof timeoutOptions>;
