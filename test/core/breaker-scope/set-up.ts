import { MemoryPolicyStore } from '../../../adapters/memory';
import { ScopedBreakerStore } from '../../../core/breaker-scope';
import type { OutcomeKind } from '../../../core/outcome';
import { definePolicy, guard } from '../../../core/policies/define';
import type { Admission, AdmitRequest, Guard, Permit, PolicyStore } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';

export const WAIT_MS = 1_000;

/** Opens at two failures in a row, and lets one probe through. */
export const breakerOf = (scope: string, options = {}) =>
	definePolicy('circuit-breaker', 'api', {
		scope,
		quorum: 2,
		failureRateThreshold: 0,
		slowCallRateThreshold: 0,
		consecutiveFailureThreshold: 2,
		waitDurationInOpenStateMs: WAIT_MS,
		permittedNumberOfCallsInHalfOpenState: 1,
		...options,
	});

export const permitOf = (answer: Admission): Permit => {
	if (answer.status !== 'granted') throw new Error(`It was ${answer.status}`);
	return answer.permit;
};

/** A store that says how often it was asked, and answers late as if it were far away. */
export class FarStore {
	asked = 0;
	private isDown = false;

	constructor(readonly inside: MemoryPolicyStore) {}

	goDown(): void {
		this.isDown = true;
	}

	private async ask<T>(request: () => T): Promise<T> {
		this.asked++;
		if (this.isDown) throw new Error('ECONNREFUSED');
		return request();
	}

	get store(): PolicyStore {
		const { inside } = this;
		return {
			admit: (request) => this.ask(() => inside.admit(request)),
			settle: (permit, outcome) => this.ask(() => inside.settle({ ...permit }, outcome)),
			refund: (permit) => this.ask(() => inside.refund({ ...permit })),
			extend: (permit, leaseMs) => this.ask(() => inside.extend(permit, leaseMs)),
			awaitTurn: (request, maxMs) => inside.awaitTurn(request, maxMs),
			withdraw: (request) => this.ask(() => inside.withdraw(request)),
			inspect: (address) => this.ask(() => inside.inspect(address)),
			override: (policy, key, action) => this.ask(() => inside.override(policy, key, action)),
		};
	}
}

/** Workers with a store of their own each, over one that they share. */
export function setUp(workerCount: number) {
	const clock = new FakeClock();
	const far = new FarStore(new MemoryPolicyStore(clock));
	const start = (number: number) =>
		new ScopedBreakerStore(far.store, new MemoryPolicyStore(clock), `worker ${number}`);
	const workers = Array.from({ length: workerCount }, (_, number) => start(number));
	/** It has forgotten what its own breakers were like. */
	const startAnew = (number: number) => (workers[number] = start(number));
	let id = 0;
	const requestOf = (...guards: Guard[]): AdmitRequest => ({
		permitId: `any:${id++}`,
		guards,
		attempt: 1,
		leaseMs: 60_000,
	});
	/** One call of a worker, which ends at once unless it is turned away. */
	const call = async (worker: number, policy: Guard['policy'], kind: OutcomeKind) => {
		const store = workers[worker]!;
		const answer = await store.admit(requestOf(guard(policy)));
		if (answer.status === 'granted') await store.settle(answer.permit, { kind, latencyMs: 0 });
		return answer;
	};
	return { clock, far, workers, startAnew, requestOf, call };
}
