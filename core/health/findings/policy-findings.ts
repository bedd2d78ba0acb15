import {
	tellState,
	titleOf,
	troubleOf,
	type PolicyTrouble,
	type SeenState,
} from '../../policy-states';
import type { PolicyKind, PolicySnapshot } from '../../ports';
import type { Finding } from './finding';
import { duration, sinceWords } from './words';

/** Policies that turn calls away or let them wait. */
export const policyFindings = (states: readonly SeenState[], at: number): readonly Finding[] =>
	states.flatMap((state) => {
		const { policy, key, found } = state;
		const trouble = troubleOf(policy, found);
		if (!found || !trouble) return [];
		const { kind, name } = policy;
		const { figures, ...told } = tellState(found);
		const says = JSON.stringify({ name, key, ...told, ...figures });
		return [
			{
				...wordsFor(kind, trouble, titleOf(state), () => breakerWords({ ...state, found }, at)),
				component: 'policies',
				subject: JSON.stringify([name, key]),
				evidence: [{ source: 'policies', says }],
			} satisfies Finding,
		];
	});

type Words = Pick<Finding, 'id' | 'severity' | 'summary' | 'remedy' | 'playbook'>;

/** What a breaker does with calls, since when, and for how long yet. */
function breakerWords(
	{ found, seenAt }: SeenState & { found: PolicySnapshot },
	at: number,
): string {
	const { state, since, figures } = found;
	const began = since === undefined ? state : `${state} ${sinceWords(since, at)}`;
	if (state === 'half-open') return `${began}: calls are turned away but for its probes`;
	if (state !== 'open') return `${began}: calls are turned away`;
	const leftMs = seenAt + (figures.retryAfterMs ?? 0) - at;
	return leftMs > 0
		? `${began}, probes again in ${duration(leftMs)}: calls are turned away until then`
		: `${began}: the next call is to be a probe`;
}

function wordsFor(
	kind: PolicyKind,
	trouble: PolicyTrouble,
	title: string,
	ofBreaker: () => string,
): Words {
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
		summary: `The ${title} is ${ofBreaker()}`,
		remedy:
			trouble === 'isolated'
				? 'It was isolated by hand, and stays so until it is closed or reset (plan_policy_override)'
				: 'Mend the service behind it; it closes by itself once its probes succeed (inspect_policy)',
		playbook: 'breaker-storm',
	};
}
