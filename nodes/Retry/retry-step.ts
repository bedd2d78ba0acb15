import { retryOptions } from '../../core/policies/retry';
import {
	collection,
	idempotencyKeyOptions,
	propertiesOf,
	retryBudgetProperties,
	retryRulesProperty,
	subtitle,
} from '../shared/description';
import { readIdempotencyKey, readRetry, readRetryBudget } from '../shared/read-policies';
import type { Step } from '../shared/step';

const TOP_LEVEL = ['maxAttempts', 'backoffType', 'delayMs'];

export const retryStep: Step = {
	name: 'retry',
	displayName: 'Retry',
	description: 'Tries again what failed, with growing delays and a limit',
	subtitle: subtitle(
		"n(p.maxAttempts) + (p.maxAttempts === 1 ? ' attempt' : ' attempts, ' + c(p.backoffType, {exponential: 'from ', linear: 'from ', constant: 'every '}) + t(p.delayMs))",
	),
	properties: [
		...propertiesOf(retryOptions, { only: TOP_LEVEL }),
		retryRulesProperty('rules'),
		...retryBudgetProperties(),
		collection('options', 'Options', [
			...propertiesOf(retryOptions, { in: 'collection', topLevel: TOP_LEVEL }),
			...propertiesOf(idempotencyKeyOptions, { in: 'collection' }),
		]),
	],
	plan: (parameters) => {
		const budget = readRetryBudget(parameters);
		return {
			definition: {
				retry: readRetry(parameters, { rules: 'rules' }),
				retryBudget: budget?.policy,
			},
			keys: { retryBudget: budget?.key },
			fields: readIdempotencyKey(parameters, 'options'),
		};
	},
};
