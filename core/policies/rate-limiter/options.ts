import { z } from 'zod';

import { choice, duration, integer, toggle } from '../../options';

const rateLimiterAlgorithms = {
	'sliding-window': 'Sliding Window',
	gcra: 'Steady Rate with Burst (GCRA)',
	'fixed-window': 'Fixed Quota',
} as const;

const whileAdaptive = { showWhen: { adaptive: [true] } };
const whileLeased = { showWhen: { localLeases: [true] } };

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
		reservedForPriority: integer(0, 99, 0, {
			title: 'Reserved for Priority',
			description:
				'Share of the limit, or of the burst with GCRA, that is kept for calls of a priority above 0; it is rounded down to whole calls',
			unit: '%',
		}),
		adaptive: toggle(false, {
			title: 'Adaptive Limit',
			description:
				'Whether fewer calls are let through for a while when the service answers that it gets too many (HTTP 429), or becomes slow',
		}),
		backoffRatio: integer(1, 99, 50, {
			title: 'Back-Off Ratio',
			description: 'What is left of the limit each time it falls',
			unit: '%',
			...whileAdaptive,
		}),
		minimumLimit: integer(1, 99, 10, {
			title: 'Lower Bound',
			description: 'The limit never falls below this share of what is set',
			unit: '%',
			...whileAdaptive,
		}),
		backoffIntervalMs: duration(1, 1_000, {
			title: 'Back-Off Interval',
			description:
				'The limit falls at most once in this time, so that a burst of refusals counts as one',
			...whileAdaptive,
		}),
		recoveryMs: duration(1, 60_000, {
			title: 'Recovery Time',
			description: 'After its last fall the limit grows steadily, and is whole again after this',
			...whileAdaptive,
		}),
		slowCallDurationThresholdMs: duration(0, 0, {
			title: 'Slow Call Duration',
			description:
				'A call that takes at least this long makes the limit fall as a refusal does; 0 looks at refusals only',
			...whileAdaptive,
		}),
		localLeases: toggle(false, {
			title: 'Local Leases',
			description:
				'Whether a worker takes permits in batches ahead of use, so that most calls need not ask the shared store. Calls of a priority above 0, and calls that other shared policies guard too, ask all the same',
		}),
		leaseBatchSize: integer(2, 100_000, 100, {
			title: 'Lease Batch Size',
			description:
				'Most permits that a worker takes at once. It takes no more than it lately used, and never more than a tenth of the limit, or of the burst with GCRA',
			unit: 'calls',
			...whileLeased,
		}),
		leaseMaxAgeMs: duration(1, 1_000, {
			title: 'Lease Maximum Age',
			description:
				'Permits that a worker has not used for this long go back. With a sliding window they go back after a tenth of the period at the latest, with a fixed quota at its end',
			...whileLeased,
		}),
	})
	.refine(
		({ limit, periodMs, burst, adaptive, minimumLimit }) => {
			// While an adaptive limit is low, a call takes a multiple of its weight.
			const multiple = adaptive ? Math.ceil(100 / minimumLimit) : 1;
			return Math.max(limit, burst) * multiple * periodMs < Number.MAX_SAFE_INTEGER / 4;
		},
		{
			path: ['periodMs'],
			message: 'limit times period is too large to be counted exactly',
		},
	)
	.refine(
		({ adaptive, backoffIntervalMs, recoveryMs }) => !adaptive || backoffIntervalMs <= recoveryMs,
		{ path: ['backoffIntervalMs'], message: 'longer than the recovery time' },
	)
	.refine(({ adaptive, localLeases }) => !(adaptive && localLeases), {
		path: ['localLeases'],
		message: 'an adaptive limit must know of every call when it is made',
	});

export type RateLimiterOptions = z.output<typeof rateLimiterOptions>;

/** What a quiet limiter lets through at once, in calls. */
const capacityOf = ({ algorithm, burst, limit }: RateLimiterOptions): number =>
	algorithm === 'gcra' ? burst : limit;

/** What calls of this priority must leave free for those above, in calls. */
export const reserveAgainst = (options: RateLimiterOptions, priority: number): number =>
	priority > 0 ? 0 : Math.floor((capacityOf(options) * options.reservedForPriority) / 100);

/** The heaviest single call of a priority that a limiter can ever admit. */
export const heaviestCall = (options: RateLimiterOptions, priority: number): number =>
	capacityOf(options) - reserveAgainst(options, priority);
