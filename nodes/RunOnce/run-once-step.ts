import { runOnceOptions } from '../../core/policies/run-once';
import {
	collection,
	fencingTokenOptions,
	policyNameProperty,
	propertiesOf,
	requiredKeyProperty,
	subtitle,
} from '../shared/description';
import { readRunOnce } from '../shared/read-policies';
import type { Step } from '../shared/step';

const TOP_LEVEL = ['whenRunning', 'maxWaitMs', 'whenDone', 'whenFailed'];

export const runOnceStep: Step = {
	name: 'runOnce',
	displayName: 'Run Once',
	description: 'Does the same work only once, and gives its result to whoever asks again',
	subtitle: subtitle(
		"c(p.whenDone, {replay: 'replays', reject: 'rejects'}) + ' what is done for ' + t((p.options || {}).resultTtlMs ?? 86400000)",
	),
	// Each worker for itself would do the same work again.
	whenRedisIsDown: 'reject',
	properties: [
		requiredKeyProperty,
		...propertiesOf(runOnceOptions, { only: TOP_LEVEL }),
		collection('options', 'Options', [
			...propertiesOf(runOnceOptions, { in: 'collection', topLevel: TOP_LEVEL }),
			...propertiesOf(fencingTokenOptions, { in: 'collection' }),
			policyNameProperty('what is done'),
		]),
	],
	plan: (parameters) => ({ definition: {}, keys: {}, ...readRunOnce(parameters) }),
};
