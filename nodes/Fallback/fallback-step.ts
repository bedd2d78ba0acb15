import {
	alternativesProperty,
	collection,
	keyProperty,
	policyNameProperty,
	subtitle,
} from '../shared/description';
import { readFallback } from '../shared/read-policies';
import type { Step } from '../shared/step';

export const fallbackStep: Step = {
	name: 'fallback',
	displayName: 'Fallback',
	description: 'Answers with something else when a call fails',
	subtitle: subtitle(
		"(a => Array.isArray(a) ? a.map(x => c(x.type || 'static', {lastGood: 'last good result', static: 'value', subWorkflow: 'sub-workflow'})).join(', then ') : '…')((p.alternatives || {}).alternative)",
	),
	properties: [
		alternativesProperty(),
		keyProperty('one last good result'),
		collection('options', 'Options', [policyNameProperty('the last good results')]),
	],
	plan: (parameters) => ({
		definition: {},
		keys: {},
		fallback: readFallback(parameters, parameters.text('key')),
	}),
};
