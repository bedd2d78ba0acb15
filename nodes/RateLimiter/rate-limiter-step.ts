import { priorityOptions } from '../../core/policies/priority';
import { rateLimiterOptions } from '../../core/policies/rate-limiter';
import {
	collection,
	keyProperty,
	leaseExtras,
	policyNameProperty,
	propertiesOf,
	policySubtitle,
	waitingOptions,
	weightOptions,
} from '../shared/description';
import { readPolicy, readPriority, readRateLimit } from '../shared/read-policies';
import type { Step } from '../shared/step';

const TOP_LEVEL = ['algorithm', 'limit', 'periodMs', 'burst'];

export const rateLimiterStep: Step = {
	name: 'rateLimiter',
	displayName: 'Rate Limiter',
	description: 'Lets only so many calls through per second, minute or day',
	subtitle: policySubtitle(
		"n(p.limit) + ' per ' + t(p.periodMs) + (p.whenLimited === 'reject' ? ', rejects the rest' : ', waits up to ' + t(p.maxWaitMs))",
	),
	properties: [
		...propertiesOf(rateLimiterOptions, {
			only: TOP_LEVEL,
			extras: {
				periodMs: {
					hint: '1 second = 1000, 1 minute = 60000, 1 hour = 3600000, 1 day = 86400000',
				},
			},
		}),
		...propertiesOf(waitingOptions),
		keyProperty('one limit'),
		collection('options', 'Options', [
			...propertiesOf(weightOptions),
			...propertiesOf(priorityOptions),
			...propertiesOf(rateLimiterOptions, {
				in: 'collection',
				topLevel: TOP_LEVEL,
				extras: leaseExtras,
			}),
			policyNameProperty('the limit'),
		]),
	],
	namedPolicies: ['rate-limiter'],
	plan: (parameters) => {
		const rateLimiter = readPolicy(parameters, 'rate-limiter');
		const priority = readPriority(parameters);
		const { maxWaitMs, weight } = readRateLimit(parameters, rateLimiter, priority);
		return {
			definition: { rateLimiter, rateLimiterMaxWaitMs: maxWaitMs },
			keys: { rateLimiter: parameters.text('key'), weight, priority },
		};
	},
};
