import { timeoutOptions } from '../../core/policies/timeout';
import {
	collection,
	keyProperty,
	policyNameProperty,
	propertiesOf,
	policySubtitle,
} from '../shared/description';
import { readPolicy } from '../shared/read-policies';
import type { Step } from '../shared/step';

const TOP_LEVEL = ['strategy', 'timeoutMs'];
const whenAdaptive = { show: { strategy: ['adaptive'] } };

export const timeoutStep: Step = {
	name: 'timeout',
	displayName: 'Timeout',
	description: 'Limits how long a call may take',
	subtitle: policySubtitle(
		"p.strategy === 'adaptive' ? 'adaptive, ' + t(p.timeoutMs) + ' at first' : 'after ' + t(p.timeoutMs)",
	),
	properties: [
		{
			displayName:
				'n8n cannot stop a node that runs: an item that comes back too late counts as timed out. A sub-workflow is given up as soon as its time is over.',
			name: 'betweenLimitNotice',
			type: 'notice',
			default: '',
			displayOptions: { show: { mode: ['between'] } },
		},
		...propertiesOf(timeoutOptions, { only: TOP_LEVEL }),
		keyProperty('what is known of recent durations', whenAdaptive),
		collection(
			'options',
			'Options',
			[
				...propertiesOf(timeoutOptions, { in: 'collection', topLevel: TOP_LEVEL }),
				policyNameProperty('what is known of recent durations'),
			],
			whenAdaptive,
		),
	],
	namedPolicies: ['timeout'],
	plan: (parameters) => ({
		definition: { attemptTimeout: readPolicy(parameters, 'timeout') },
		keys: { attemptTimeout: parameters.text('key') },
	}),
};
