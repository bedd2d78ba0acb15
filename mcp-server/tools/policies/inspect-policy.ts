import { z } from 'zod';

import { sinceWords } from '../../../core/health';
import { quoted } from '../../../core/one-line';
import {
	inspectPolicy as inspect,
	MOST_HOLDERS,
	type ToldHolder,
} from '../../../core/policy-control';
import type { ToldState } from '../../../core/policy-states';
import { sharedPolicies, type Services } from '../../services';
import { defineTool } from '../../tool';
import { cursor, Pages } from '../pages';
import { time } from '../time';
import { policyKey, policyKind, policyName, snapshot } from './policy-schemas';

/** Holders that the text names. */
const HOLDERS_IN_TEXT = 10;

const pages = new Pages('policy keys', /^\d{1,20}$/);

export const inspectPolicy = defineTool({
	name: 'inspect_policy',
	title: 'Inspect a policy',
	description:
		'Shows the live state of one policy, as all workers share it: whether a breaker is open, since when and for how long yet, and how calls fared, who holds slots of a bulkhead and how many wait, what is left of a limit. Lists the keys under which it has a state, page by page.',
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({ kind: policyKind, name: policyName, key: policyKey, cursor }),
	output: z.object({
		state: snapshot
			.nullable()
			.describe('Null when nothing is remembered, as before the first call.'),
		holders: z
			.array(
				z.object({
					permitId: z.string(),
					worker: z
						.string()
						.optional()
						.describe('Name of its machine or container, or what BULWARK_WORKER says.'),
					pid: z.int().optional().describe('Of its process there.'),
					leaseUntil: time.describe(
						'When the slot comes free unless the lease is renewed, as the process does while the call runs.',
					),
				}),
			)
			.max(MOST_HOLDERS)
			.optional()
			.describe(
				`Of a bulkhead: who holds its slots, those whose leases end first, at most ${MOST_HOLDERS}.`,
			),
		keys: z
			.array(z.string())
			.describe(
				'Keys under which it has a state, in no order; a page may be empty though others follow.',
			),
		hasMoreKeys: z.boolean(),
		nextCursor: z.string().optional(),
	}),

	async run({ kind, name, key, cursor: given }, _call, services: Services) {
		const address = { kind, name, key };
		const { state, holders, keys, hasMoreKeys, nextKeys } = await inspect(
			sharedPolicies(services),
			address,
			pages.after(given),
		);
		const shown = state ? { key, ...told(state) } : null;
		const figures = Object.entries(state?.figures ?? {}).map(
			([figure, value]) => `${figure} ${value}`,
		);
		return {
			output: {
				state: shown,
				...(holders && { holders: [...holders] }),
				keys: [...keys],
				hasMoreKeys,
				nextCursor: pages.next(nextKeys),
			},
			text: [
				state
					? `${kind} ${quoted(name)} is ${state.state}${lasting(state.since, services.clock.now())}: ${figures.join(', ')}`
					: `Nothing is remembered of ${kind} ${quoted(name)}${key && ` for key ${quoted(key)}`}.`,
				...(holders ?? []).slice(0, HOLDERS_IN_TEXT).map(holderLine),
			],
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

const holderLine = ({ permitId, worker, pid, leaseUntil }: ToldHolder): string =>
	`- a slot is held by ${worker === undefined ? permitId : `process ${pid} of ${worker}`}, until ${leaseUntil} unless it renews its lease`;
