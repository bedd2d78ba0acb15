import { MemoryPolicyStore } from '../../../../adapters/memory';
import type { OutcomeKind } from '../../../../core/outcome';
import { definePolicy, guard } from '../../../../core/policies/define';
import { FakeClock } from '../../../support/fake-clock';

/** Longest time that a call of these tests keeps its permit, in ms. */
export const LEASE_MS = 300;

/** A breaker on a fake clock. */
export function setUp(options: Record<string, unknown>) {
	const clock = new FakeClock();
	const store = new MemoryPolicyStore(clock);
	const policy = definePolicy('circuit-breaker', 'service', options);
	let nextId = 0;
	const admit = () =>
		store.admit({
			permitId: `${nextId++}`,
			guards: [guard(policy)],
			attempt: 1,
			leaseMs: LEASE_MS,
		});
	const call = (kind: OutcomeKind, latencyMs = 0) => {
		const admission = admit();
		if (admission.status === 'granted') store.settle(admission.permit, { kind, latencyMs });
		return admission.status;
	};
	const state = () => store.inspect({ kind: 'circuit-breaker', name: 'service', key: '' })?.state;
	return { clock, store, policy, admit, call, state };
}
