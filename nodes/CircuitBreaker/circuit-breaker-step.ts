import { circuitBreakerOptions } from '../../core/policies/circuit-breaker';
import {
	breakerScopeExtras,
	collection,
	keyProperty,
	parentBreakerProperty,
	policyNameProperty,
	propertiesOf,
	policySubtitle,
} from '../shared/description';
import { readParentBreaker, readPolicy } from '../shared/read-policies';
import type { Step } from '../shared/step';

const TOP_LEVEL = ['failureRateThreshold', 'minimumNumberOfCalls', 'waitDurationInOpenStateMs'];

export const circuitBreakerStep: Step = {
	name: 'circuitBreaker',
	displayName: 'Circuit Breaker',
	description: 'Stops calling a service that fails, until it has recovered',
	subtitle: policySubtitle(
		"(p.failureRateThreshold === 0 ? 'opens' : 'opens at ' + n(p.failureRateThreshold) + ' % failures') + ' for ' + t(p.waitDurationInOpenStateMs)",
	),
	properties: [
		...propertiesOf(circuitBreakerOptions, { only: TOP_LEVEL }),
		keyProperty('one breaker'),
		parentBreakerProperty,
		collection('options', 'Options', [
			...propertiesOf(circuitBreakerOptions, {
				in: 'collection',
				topLevel: TOP_LEVEL,
				extras: {
					ignoredStatusCodes: { placeholder: 'e.g. 400-404, 422' },
					...breakerScopeExtras,
				},
			}),
			policyNameProperty('the breaker'),
		]),
	],
	namedPolicies: ['circuit-breaker'],
	plan: (parameters) => {
		const own = readPolicy(parameters, 'circuit-breaker');
		const key = parameters.text('key');
		const parent = readParentBreaker(parameters, own);
		return {
			definition: { circuitBreakers: parent ? [own, parent.policy] : [own] },
			keys: { circuitBreakers: parent ? [key, parent.key] : [key] },
		};
	},
};
