import { z } from 'zod';

import { optionsSchemas } from '../../../core/policies/define';
import { FIGURES } from '../../../core/policies/figures';
import type { PolicyKind } from '../../../core/ports';
import { time } from '../time';

/** As steps define them. */
export const policyKind = z
	.enum(Object.keys(optionsSchemas) as [PolicyKind, ...PolicyKind[]])
	.describe('Kind of policy.');

export const policyName = z
	.string()
	.min(1)
	.max(500)
	.describe('Name of the policy, as list_policies shows it.');

export const policyKey = z
	.string()
	.max(10_000)
	.default('')
	.describe(
		'Which of its states: a user, a tenant, a service. Empty: the one that all calls share.',
	);

export const SINCE =
	'Of a circuit breaker that is not closed: since when it is as its state says, by the clock of this server. Missing where it was not noted.';

const figuresSchema = z
	.object(
		Object.fromEntries(
			Object.entries(FIGURES).map(([name, meaning]) => [
				name,
				z.number().optional().describe(meaning),
			]),
		),
	)
	.catchall(z.number());

/** A state in words. */
export const snapshot = z.object({
	key: z.string(),
	state: z
		.string()
		.describe('Such as closed, open, half-open, isolated; active where a kind has only one.'),
	since: time.optional().describe(SINCE),
	figures: figuresSchema,
});
