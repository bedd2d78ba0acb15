import { MemoryPolicyStore } from '../../../adapters/memory';
import { definePolicy, guard } from '../../../core/policies/define';
import type { Admission, AdmitRequest, Permit, PolicyDefinition } from '../../../core/ports';
import {
	OutageTolerantStore,
	StoreHealth,
	type StoreEvent,
	type WhenStoreIsDown,
} from '../../../core/store-outage';
import { FakeClock } from '../../support/fake-clock';
import { FarStore } from './far-store';

export const bulkhead = definePolicy('bulkhead', 'api', {
	maxConcurrentCalls: 1,
	maxWaitDurationMs: 0,
});
export const queue = definePolicy('bulkhead', 'queue', {
	maxConcurrentCalls: 1,
	maxWaitDurationMs: 60_000,
});
export const limiter = definePolicy('rate-limiter', 'api', { limit: 10, periodMs: 3_600_000 });
export const breaker = definePolicy('circuit-breaker', 'api', { consecutiveFailureThreshold: 2 });
export const votes = definePolicy('breaker-quorum', 'api', {
	quorum: 1,
	waitDurationInOpenStateMs: 30_000,
	voter: 'me',
});

export const FAILURE = { kind: 'failure', latencyMs: 1 } as const;

export function setUp(whenDown: WhenStoreIsDown) {
	const clock = new FakeClock();
	const far = new FarStore(clock);
	const events: StoreEvent[] = [];
	const health = new StoreHealth(
		clock,
		() => (far.isOnlyBackForProbes ? Promise.resolve() : far.ask(() => 'PONG')),
		(event) => events.push(event),
	);
	const local = new MemoryPolicyStore(clock);
	const store = new OutageTolerantStore(far.store, local, health, clock, whenDown);
	let id = 0;
	const request = (policies: readonly PolicyDefinition[]): AdmitRequest => ({
		permitId: `me:${id++}`,
		guards: policies.map((policy) => guard(policy)),
		attempt: 1,
		leaseMs: 60_000,
	});
	/** The answer, and how long it took. */
	const admit = async (...policies: readonly PolicyDefinition[]) => {
		const startedAt = clock.now();
		const asked = request(policies.length > 0 ? policies : [bulkhead]);
		const answer = Promise.resolve(store.admit(asked));
		let took: number | undefined;
		void answer.finally(() => (took = clock.now() - startedAt));
		for (let ms = 0; took === undefined && ms < 1_000; ms++) await clock.run(1);
		return { answer: await answer, asked, took: took! };
	};
	const holders = () =>
		far.inside.inspect({ kind: 'bulkhead', name: 'api', key: '' })?.figures.holders ?? 0;
	const failures = () =>
		far.inside.inspect({ kind: 'circuit-breaker', name: 'api', key: '' })?.figures
			.consecutiveFailures ?? 0;
	const used = () =>
		10 -
		(far.inside.inspect({ kind: 'rate-limiter', name: 'api', key: '' })?.figures.remaining ?? 10);
	return { clock, far, local, store, health, events, request, admit, holders, failures, used };
}

export const permitOf = (answer: Admission): Permit => {
	if (answer.status !== 'granted') throw new Error(`It was ${answer.status}`);
	return answer.permit;
};
