import { bulkheadOptions } from '../../core/policies/bulkhead';
import { priorityOptions } from '../../core/policies/priority';
import {
	collection,
	keyProperty,
	policyNameProperty,
	propertiesOf,
	policySubtitle,
} from '../shared/description';
import { readPolicy, readPriority } from '../shared/read-policies';
import type { Step } from '../shared/step';

const TOP_LEVEL = ['maxConcurrentCalls', 'strategy'];

export const bulkheadStep: Step = {
	name: 'bulkhead',
	displayName: 'Bulkhead',
	description: 'Lets only so many calls run at the same time; others queue up',
	subtitle: policySubtitle(
		"(p.strategy === 'fixed' ? '' : 'adaptive, up to ') + n(p.maxConcurrentCalls) + ' at a time'",
	),
	properties: [
		...propertiesOf(bulkheadOptions, { only: TOP_LEVEL }),
		keyProperty('the slots'),
		collection('options', 'Options', [
			...propertiesOf(bulkheadOptions, { in: 'collection', topLevel: TOP_LEVEL }),
			...propertiesOf(priorityOptions),
			policyNameProperty('the slots'),
		]),
	],
	namedPolicies: ['bulkhead'],
	plan: (parameters) => ({
		definition: { bulkhead: readPolicy(parameters, 'bulkhead') },
		keys: { bulkhead: parameters.text('key'), priority: readPriority(parameters) },
	}),
};
