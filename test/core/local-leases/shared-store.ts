import { MemoryPolicyStore } from '../../../adapters/memory';
import { definePolicy } from '../../../core/policies/define';
import type { AdmitRequest, Clock, Guard, RemotePolicyStore } from '../../../core/ports';

/** The same time told by another clock. */
export const skewed = (clock: Clock, byMs: number): Clock => ({
	now: () => clock.now() + byMs,
	schedule: (callback, delayMs) => clock.schedule(callback, delayMs),
});

/** A store that is some way off and has a clock of its own. */
export class SharedStore {
	/** What was asked, in words. */
	readonly requests: string[] = [];
	readonly inside: MemoryPolicyStore;
	/** One way, in ms; taken by turns. */
	delaysMs: readonly number[] = [0];
	isCut = false;
	private sent = 0;

	constructor(
		private readonly clock: Clock,
		readonly serverClock: Clock = clock,
	) {
		this.inside = new MemoryPolicyStore(serverClock);
	}

	get store(): RemotePolicyStore {
		const { inside } = this;
		return {
			admit: (request) =>
				this.ask(`admit ${request.guards[0]!.weight}`, () => inside.admit(request)),
			settle: (permit, outcome) => this.ask('settle', () => inside.settle(permit, outcome)),
			refund: (permit) =>
				this.ask(`refund ${permit.guards[0]!.weight}`, () => inside.refund(permit)),
			cancel: (request) => this.ask('cancel', () => inside.withdraw(request)),
			extend: (permit, leaseMs) => this.ask('extend', () => inside.extend(permit, leaseMs)),
			awaitTurn: (request, maxMs) => inside.awaitTurn(request, maxMs),
			withdraw: (request) => this.ask('withdraw', () => inside.withdraw(request)),
			inspect: (address) => inside.inspect(address),
			override: (policy, key, action) => inside.override(policy, key, action),
		};
	}

	private async ask<T>(what: string, request: () => T): Promise<T> {
		this.requests.push(what);
		if (this.isCut) throw new Error('ECONNREFUSED');
		await this.pass();
		const answer = request();
		await this.pass();
		return answer;
	}

	private async pass(): Promise<void> {
		const delayMs = this.delaysMs[this.sent++ % this.delaysMs.length]!;
		if (delayMs > 0) await new Promise<void>((resolve) => this.clock.schedule(resolve, delayMs));
	}
}

let ids = 0;
export const newPermitId = (): string => `permit ${ids++}`;

export const requestOf = (...guards: Guard[]): AdmitRequest => ({
	permitId: newPermitId(),
	guards,
	attempt: 1,
	leaseMs: 1_000,
});

export const limiterOf = (options: object) =>
	definePolicy('rate-limiter', 'limiter', { localLeases: true, ...options });
