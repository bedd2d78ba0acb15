import { MemoryPolicyStore } from '../../../adapters/memory';
import { definePolicy, guard } from '../../../core/policies/define';
import { FIGURES } from '../../../core/policies/figures';
import type { PolicyDefinition } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';

const policies: readonly PolicyDefinition[] = [
	definePolicy('circuit-breaker', 'one'),
	definePolicy('breaker-quorum', 'one', { quorum: 1, waitDurationInOpenStateMs: 1, voter: 'me' }),
	definePolicy('bulkhead', 'one'),
	definePolicy('rate-limiter', 'one'),
	definePolicy('rate-limiter', 'other', { adaptive: true }),
	definePolicy('retry-budget', 'one'),
	definePolicy('timeout', 'one', { strategy: 'adaptive' }),
];

it('says of each figure what it tells', () => {
	const store = new MemoryPolicyStore(new FakeClock());
	const told = policies.flatMap((policy) => {
		const answer = store.admit({
			...{ permitId: `me:${policy.kind} ${policy.name}`, guards: [guard(policy)] },
			...{ attempt: 1, leaseMs: 1_000 },
		});
		if (policy.kind === 'breaker-quorum') store.override(policy, '', 'open');
		if (policy.kind === 'timeout' && answer.status === 'granted')
			store.settle(answer.permit, { kind: 'success', latencyMs: 5 });
		const found = store.inspect({ kind: policy.kind, name: policy.name, key: '' });
		return Object.keys(found!.figures);
	});
	expect([...new Set(told)].sort()).toEqual(Object.keys(FIGURES).sort());
});
