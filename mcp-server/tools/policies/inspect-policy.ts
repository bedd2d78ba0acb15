import { z } from 'zod';

import { sinceWords } from '../../../core/health';
import { quoted } from '../../../core/one-line';
import { inspectPolicy as inspect } from '../../../core/policy-control';
import type { ToldState } from '../../../core/policy-states';
import { sharedPolicies, type Services } from '../../services';
import { defineTool } from '../../tool';
import { policyKey, policyKind, policyName, snapshot } from './policy-schemas';

export const inspectPolicy = defineTool({
	name: 'inspect_policy',
	title: 'Inspect a policy',
	description:
		'Shows the live state of one policy, as all workers share it: whether a breaker is open, since when and for how long yet, and how calls fared, who holds slots of a bulkhead and how many wait, what is left of a limit. Lists the other keys under which it has a state.',
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({ kind: policyKind, name: policyName, key: policyKey }),
	output: z.object({
		state: snapshot
			.nullable()
			.describe('Null when nothing is remembered, as before the first call.'),
		keys: z.array(z.string()).describe('Some of the keys under which it has a state.'),
		hasMoreKeys: z.boolean(),
	}),

	async run({ kind, name, key }, _call, services: Services) {
		const address = { kind, name, key };
		const { state, keys, hasMoreKeys } = await inspect(sharedPolicies(services), address);
		const shown = state ? { key, ...told(state) } : null;
		const figures = Object.entries(state?.figures ?? {}).map(
			([figure, value]) => `${figure} ${value}`,
		);
		return {
			output: { state: shown, keys: [...keys], hasMoreKeys },
			text: state
				? `${kind} ${quoted(name)} is ${state.state}${lasting(state.since, services.clock.now())}: ${figures.join(', ')}`
				: `Nothing is remembered of ${kind} ${quoted(name)}${key && ` for key ${quoted(key)}`}.`,
		};
	},
});

const told = ({ state, since, figures }: ToldState): ToldState => ({
	state,
	...(since && { since }),
	figures,
});

const lasting = (since: string | undefined, now: number): string =>
	since ? ` ${sinceWords(Date.parse(since), now)}` : '';
