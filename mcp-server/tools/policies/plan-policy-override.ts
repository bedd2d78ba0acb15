import { z } from 'zod';

import { OVERRIDE_ACTIONS } from '../../../core/policies/override-action';
import { sharedPolicies, type Services } from '../../services';
import { defineTool } from '../../tool';
import { answerWith, plannedChange } from '../plans/plan-schemas';
import { policyKey, policyKind, policyName } from './policy-schemas';

export const planPolicyOverride = defineTool({
	name: 'plan_policy_override',
	title: 'Plan a policy override',
	description:
		'Plans a change by hand of the state of a policy, for all workers: open, close or isolate a circuit breaker, or reset any policy. Changes nothing: pass the plan id to apply_plan.',
	role: 'operator',
	effect: 'plans',
	input: z.strictObject({
		kind: policyKind,
		name: policyName,
		key: policyKey,
		action: z
			.enum(OVERRIDE_ACTIONS)
			.describe(
				'open, close and isolate are for circuit breakers; reset forgets a state of any kind.',
			),
	}),
	output: plannedChange,

	async run(request, { who, signal }, services: Services) {
		sharedPolicies(services);
		const { planner } = services;
		return answerWith(await planner.plan('override policy', request, who, signal));
	},
});
