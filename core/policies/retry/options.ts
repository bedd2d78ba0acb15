import { z } from 'zod';

import { choice, decimal, duration, integer, toggle } from '../../options';
import { retryRule } from './rules';

const backoffTypes = {
	exponential: 'Exponential',
	linear: 'Linear',
	constant: 'Constant',
} as const;

const jitterTypes = {
	full: 'Full',
	equal: 'Equal',
	decorrelated: 'Decorrelated',
	none: 'None',
} as const;

/** Options of a retry. */
export const retryOptions = z
	.strictObject({
		maxAttempts: integer(1, 1_000, 3, {
			title: 'Maximum Attempts',
			description: 'How often a call is tried, the first time included',
			unit: 'attempts',
		}),
		backoffType: choice(backoffTypes, 'exponential', {
			title: 'Back-Off',
			description: 'How the delay grows from one attempt to the next',
		}),
		delayMs: duration(0, 1_000, {
			title: 'Delay',
			description: 'Delay before the second attempt, before jitter',
		}),
		backoffMultiplier: decimal(1, 100, 2, {
			title: 'Multiplier',
			description: 'Factor from one delay to the next',
			unit: 'x',
			showWhen: { backoffType: ['exponential'] },
		}),
		jitter: choice(jitterTypes, 'full', {
			title: 'Jitter',
			description:
				'Spreads retries so that they do not all come at once. Full: anywhere from 0 to the delay. Equal: from half to the whole. Decorrelated: from the base delay to three times the last one',
		}),
		maxDelayMs: duration(0, 30_000, {
			title: 'Maximum Delay',
			description: 'No computed delay is longer than this',
		}),
		maxElapsedMs: duration(0, 0, {
			title: 'Maximum Elapsed Time',
			description:
				'Gives up when the next attempt would start later than this after the first; 0 means no limit',
		}),
		respectRetryAfter: toggle(true, {
			title: 'Respect Retry-After',
			description:
				'Waits as long as the service asks for, in seconds or as a date, even beyond the maximum delay',
		}),
		maxRetryAfterMs: duration(0, 3_600_000, {
			title: 'Longest Retry-After',
			description: 'Gives up when the service asks for a longer wait than this',
			showWhen: { respectRetryAfter: [true] },
		}),
		rules: z.array(retryRule).max(100).default([]).meta({
			title: 'Rules',
			description:
				'What to do per kind of error; the first rule that matches decides. Without a match, client errors (4xx except 408, 425 and 429) are given up on and everything else is tried again',
		}),
	})
	.refine(({ delayMs, maxDelayMs }) => delayMs <= maxDelayMs, {
		path: ['maxDelayMs'],
		message: 'shorter than the delay',
	});

export type RetryOptions = z.output<typeof retryOptions>;
