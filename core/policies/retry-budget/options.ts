import { z } from 'zod';

import { duration, integer } from '../../options';

/** Options and defaults of Finagle's RetryBudget. */
export const retryBudgetOptions = z.strictObject({
	ttlMs: duration(1_000, 10_000, {
		title: 'Budget Window',
		description: 'How long a call counts towards the budget',
	}),
	minRetriesPerSecond: integer(0, 100_000, 10, {
		title: 'Minimum Retries per Second',
		description: 'Retries that are always allowed, so that quiet workflows can retry too',
		unit: 'retries/s',
	}),
	percentCanRetry: integer(0, 1_000, 20, {
		title: 'Retries per 100 Calls',
		description: 'How many retries 100 calls pay for',
		unit: '%',
	}),
});

export type RetryBudgetOptions = z.output<typeof retryBudgetOptions>;
