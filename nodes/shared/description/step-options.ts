import { z } from 'zod';

import { choice, duration, integer, text, toggle } from '../../../core/options';

/** What a step guards. */
export const modes = {
	between: 'The Nodes Between',
	subWorkflow: 'A Sub-Workflow',
} as const;

/** Options that belong to steps rather than to a policy. */
export const subWorkflowOptions = z.strictObject({
	parallelism: integer(1, 100, 5, {
		title: 'Items in Parallel',
		description: 'How many items run through the sub-workflow at the same time',
		unit: 'items',
	}),
});

export const loopOptions = z.strictObject({
	handOnResults: choice({ each: 'As Soon as Each Is Done', together: 'All Together' }, 'each', {
		title: 'Hand On Results',
		description:
			'As Soon as Each Is Done: results leave while other items are still tried or wait. All Together: they leave in one run when every item that came in is done, in the order of the items, as Loop Over Items around this step needs it',
	}),
});

/** What a rate-limited item does. */
export const waitingOptions = z.strictObject({
	whenLimited: choice({ wait: 'Wait', reject: 'Reject' }, 'wait', {
		title: 'When Limited',
		description:
			'Wait: the item waits until the limit lets it through, if that takes no longer than the maximum wait. Reject: it leaves through Rejected at once',
	}),
	maxWaitMs: duration(0, 60_000, {
		title: 'Maximum Wait',
		description: 'An item that would have to wait longer leaves through Rejected at once',
		showWhen: { whenLimited: ['wait'] },
	}),
});

/** The heaviest weight that any limiter could admit. */
const HEAVIEST = 1_000_000;

export const weightOptions = z.strictObject({
	weight: integer(1, HEAVIEST, 1, {
		title: 'Weight',
		description:
			'What the item costs: it takes this many of the allowed calls at once. At most the limit, or the burst with GCRA',
		unit: 'calls',
	}),
});

export const totalTimeoutOptions = z.strictObject({
	totalTimeoutMs: duration(1, 60_000, {
		title: 'Total Time Limit',
		description: 'How long an item may take in all, waits and retries included',
	}),
});

export const retryBudgetToggle = z.strictObject({
	useRetryBudget: toggle(false, {
		title: 'Limit Retries by a Budget',
		description:
			'Whether retries must stay a small share of all calls, so that they cannot double the load on a service that is down',
	}),
});

/** Longest name of a field that a step adds to items, in characters. */
const LONGEST_FIELD = 100;

const idempotencyKeys = {
	none: 'None',
	generated: 'Made for Each Item',
	own: 'My Own',
} as const;

/** One key for all attempts of a call, by which a service tells that they are the same. */
export const idempotencyKeyOptions = z.strictObject({
	idempotencyKey: choice(idempotencyKeys, 'none', {
		title: 'Idempotency Key',
		description:
			'A key that each item has for the protected work, the same at every attempt: hand it to a service that does the same thing only once for the same key. Made: a random UUID. My Own: what you write, such as an expression with the number of an order',
	}),
	idempotencyKeyValue: text(512, '', {
		title: 'Idempotency Key Value',
		description: 'What makes two items the same work. At most 512 characters',
		showWhen: { idempotencyKey: ['own'] },
	}),
	idempotencyKeyField: text(LONGEST_FIELD, 'idempotencyKey', {
		title: 'Idempotency Key Field',
		description:
			'Field of the item that has the key: "idempotencyKey" is read as {{ $json.idempotencyKey }}. At most 100 characters',
		showWhen: { idempotencyKey: ['generated', 'own'] },
	}),
});

export const fencingTokenOptions = z.strictObject({
	tokenField: text(LONGEST_FIELD, '', {
		title: 'Fencing Token Field',
		description:
			'Field in which items have their fencing token for the protected work: a number that is higher for every later run of the same key, so that a service can refuse what comes late. Empty: none. At most 100 characters',
	}),
});

const alternativeTypes = {
	lastGood: 'Last Good Result',
	static: 'Fixed or Computed Value',
	subWorkflow: 'Sub-Workflow',
} as const;

export const alternativeOptions = z.strictObject({
	type: choice(alternativeTypes, 'static', {
		title: 'Type',
		description:
			'Where the answer comes from: what the last call that succeeded under the same key returned, JSON that you write or compute from the item, or a workflow that is given the item',
	}),
});

/** Which policies a pipeline applies. */
export const pipelineToggles = z.strictObject({
	useFallback: toggle(false, {
		title: 'Fallback',
		description: 'Whether something else answers for items that failed or were rejected',
	}),
	useRateLimiter: toggle(false, {
		title: 'Rate Limiter',
		description: 'Whether to limit how many items start per period',
	}),
	useTotalTimeout: toggle(false, {
		title: 'Total Timeout',
		description: 'Whether to limit how long an item may take in all, waits and retries included',
	}),
	useRetry: toggle(true, {
		title: 'Retry',
		description: 'Whether to try again what failed',
	}),
	useCircuitBreaker: toggle(true, {
		title: 'Circuit Breaker',
		description: 'Whether to stop calling a service that fails, until it has recovered',
	}),
	useBulkhead: toggle(false, {
		title: 'Bulkhead',
		description: 'Whether to limit how many calls run at the same time',
	}),
	useAttemptTimeout: toggle(true, {
		title: 'Attempt Timeout',
		description: 'Whether to limit how long each attempt may take',
	}),
});
