import type { PolicyDefinition, PolicySnapshot } from '../ports';

/** What turns calls away, or lets them wait. */
export const POLICY_TROUBLES = ['open', 'half-open', 'isolated', 'saturated', 'exhausted'] as const;

export type PolicyTrouble = (typeof POLICY_TROUBLES)[number];

/** What is out of order with a state of a policy. @returns undefined where nothing is. */
export function troubleOf(
	policy: PolicyDefinition,
	found: PolicySnapshot | undefined,
): PolicyTrouble | undefined {
	if (!found) return undefined;
	const { state, figures } = found;
	switch (policy.kind) {
		case 'circuit-breaker':
		case 'breaker-quorum':
			return state === 'closed' ? undefined : (state as PolicyTrouble);
		case 'bulkhead':
			return isSaturated(policy, figures) ? 'saturated' : undefined;
		case 'rate-limiter':
			return figures.remaining === 0 ? 'exhausted' : undefined;
		case 'retry-budget':
			return figures.retriesLeft === 0 ? 'exhausted' : undefined;
		case 'timeout':
			return undefined;
	}
}

/** All slots are held, and calls wait for one or are turned away. */
function isSaturated(
	{ options }: Extract<PolicyDefinition, { kind: 'bulkhead' }>,
	{ limit = 0, holders = 0, queued = 0 }: PolicySnapshot['figures'],
): boolean {
	const nobodyWaits = options.maxQueueSize === 0 || options.maxWaitDurationMs === 0;
	return holders >= limit && (queued > 0 || nobodyWaits);
}
