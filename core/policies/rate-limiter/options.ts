import { z } from 'zod';

import { choice, duration, integer } from '../../options';

export const rateLimiterAlgorithms = {
	'sliding-window': 'Sliding Window',
	gcra: 'Steady Rate with Burst (GCRA)',
	'fixed-window': 'Fixed Quota',
} as const;

/** Options of a rate limiter. Output names follow redis-cell: limit, remaining, retry after. */
export const rateLimiterOptions = z
	.strictObject({
		algorithm: choice(rateLimiterAlgorithms, 'sliding-window', {
			title: 'Algorithm',
			description:
				'Sliding window: never more than the limit in any period, wherever it starts. GCRA: a steady rate that lets short bursts through. Fixed quota: a new allowance at each full period, counted from midnight UTC for a day.',
		}),
		limit: integer(1, 1_000_000, 10, {
			title: 'Limit',
			description: 'Calls allowed per period, for each key',
			unit: 'calls',
		}),
		periodMs: duration(1, 1_000, {
			title: 'Period',
			description: 'Length of the period',
		}),
		burst: integer(1, 1_000_000, 1, {
			title: 'Burst',
			description: 'How many calls may come at once after a quiet time; the steady rate follows',
			unit: 'calls',
			showWhen: { algorithm: ['gcra'] },
		}),
	})
	.refine(
		({ limit, periodMs, burst }) => Math.max(limit, burst) * periodMs < Number.MAX_SAFE_INTEGER / 4,
		{
			path: ['periodMs'],
			message: 'limit times period is too large to be counted exactly',
		},
	);

export type RateLimiterOptions = z.output<typeof rateLimiterOptions>;

/** The heaviest single call that a limiter can ever admit. */
export const heaviestCall = (options: RateLimiterOptions): number =>
	options.algorithm === 'gcra' ? options.burst : options.limit;
