import { titleOf, troubleOf, type PolicyTrouble, type SeenState } from '../../policy-states';
import type { PolicyKind } from '../../ports';
import type { Finding } from './finding';

/** Policies that turn calls away or let them wait. */
export const policyFindings = (states: readonly SeenState[]): readonly Finding[] =>
	states.flatMap((state) => {
		const { policy, key, found } = state;
		const trouble = troubleOf(policy, found);
		if (!trouble) return [];
		const { kind, name } = policy;
		const says = JSON.stringify({ name, key, state: found?.state, ...found?.figures });
		return [
			{
				...wordsFor(kind, trouble, titleOf(state)),
				component: 'policies',
				subject: JSON.stringify([name, key]),
				evidence: [{ source: 'policies', says }],
			} satisfies Finding,
		];
	});

type Words = Pick<Finding, 'id' | 'severity' | 'summary' | 'remedy' | 'playbook'>;

function wordsFor(kind: PolicyKind, trouble: PolicyTrouble, title: string): Words {
	if (trouble === 'saturated')
		return {
			id: 'bulkhead-saturated',
			severity: 'warning',
			summary: `The ${title} is full: calls wait or are turned away`,
			remedy: 'See what takes so long, or raise its limit',
			playbook: 'breaker-storm',
		};
	// To turn calls away is what limits are for.
	if (trouble === 'exhausted')
		return kind === 'retry-budget'
			? {
					id: 'retry-budget-exhausted',
					severity: 'info',
					summary: `The ${title} is used up: failed calls are not tried again`,
					remedy: 'Mend the service that fails so often; the budget fills with calls and time',
				}
			: {
					id: 'limit-exhausted',
					severity: 'info',
					summary: `The ${title} has nothing left: calls wait or are turned away`,
					remedy: 'Send fewer calls, or raise its limit where the service bears more',
				};
	return {
		id: `breaker-${trouble}`,
		severity: trouble === 'half-open' ? 'info' : 'warning',
		summary: `The ${title} is ${trouble}: calls are turned away`,
		remedy:
			trouble === 'isolated'
				? 'It was isolated by hand, and stays so until it is closed or reset (plan_policy_override)'
				: 'Mend the service behind it; it closes by itself (inspect_policy says when)',
		playbook: 'breaker-storm',
	};
}
