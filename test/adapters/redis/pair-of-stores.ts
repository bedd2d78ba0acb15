import assert from 'node:assert/strict';

import { MemoryPolicyStore } from '../../../adapters/memory';
import type { RedisPolicyStore } from '../../../adapters/redis';
import type { Outcome } from '../../../core/outcome';
import type { AdmitRequest, Holding, Permit, PolicyDefinition } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';
import { addressesOf, guardsOf, seen, seenState } from '../memory/histories';
import type { Setting, Step } from './shared-histories';
import type { StoreByClock } from './store-by-clock';

/** Both stores, asked the same. What is sent twice to Redis counts once. */
export class PairOfStores {
	private static made = 0;
	private readonly number = PairOfStores.made++;
	private readonly clock = new FakeClock();
	private readonly memory = new MemoryPolicyStore(this.clock);
	private readonly redis: RedisPolicyStore;
	private readonly granted: Array<[Permit, Permit, AdmitRequest]> = [];
	private readonly queued: AdmitRequest[] = [];
	/** The latest first. */
	private readonly settled: Array<[Permit, Permit, Outcome, Holding]> = [];

	constructor(
		private readonly made: Setting,
		byClock: StoreByClock,
		/** Told how far the test's clock goes on. */
		private readonly onWait: (ms: number) => Promise<void> = () => Promise.resolve(),
	) {
		this.redis = byClock.open(this.clock);
	}

	async play(one: Step, index: number): Promise<void> {
		switch (one.do) {
			case 'call': {
				const guards = guardsOf(one.by ? this.made.alternatives : this.made.policies, one);
				const { attempt, leaseMs } = one;
				await this.admit(
					{ permitId: `me:${this.number}.${index}`, guards, attempt, leaseMs },
					one.isSentTwice,
				);
				break;
			}
			case 'again': {
				const [request] = this.queued.splice(one.which % Math.max(1, this.queued.length), 1);
				if (request) await this.admit(request, false);
				break;
			}
			case 'withdraw': {
				const [request] = this.queued.splice(one.which % Math.max(1, this.queued.length), 1);
				if (!request) break;
				this.memory.withdraw(request);
				if (one.isUnanswered) await this.cancel(request);
				else await this.redis.withdraw(request);
				break;
			}
			case 'settle': {
				const [pair] = this.granted.splice(one.which % Math.max(1, this.granted.length), 1);
				if (!pair) break;
				const [first, second] = [voting(pair[0], one.voteMs), voting(pair[1], one.voteMs)];
				const holding = this.memory.settle(first, one);
				await this.send(one.isSentTwice, () => this.redis.settle(second, one), holding);
				this.settled.unshift([first, second, one, holding]);
				break;
			}
			case 'settle again': {
				const [first, second, outcome, holding] = this.settled[one.which] ?? [];
				if (!first || !second || !outcome) break;
				assert.equal(this.memory.settle(first, outcome), holding);
				assert.equal(await this.redis.settle(second, outcome), holding);
				break;
			}
			case 'refund': {
				const [granted] = this.granted.splice(one.which % Math.max(1, this.granted.length), 1);
				if (!granted) break;
				const [first, second, request] = granted;
				this.memory.refund(first);
				if (one.isUnanswered) {
					await this.cancel(request);
					break;
				}
				await this.redis.refund(second);
				if (one.isAskedAgain) await this.admit(request, false);
				break;
			}
			case 'extend': {
				const pair = this.granted[one.which % Math.max(1, this.granted.length)];
				if (!pair) break;
				const holding = this.memory.extend(pair[0], 500);
				await this.send(one.isSentTwice, () => this.redis.extend(pair[1], 500), holding);
				break;
			}
			case 'wait':
				this.clock.advance(one.ms);
				await this.onWait(one.ms);
				break;
			case 'trip':
				this.memory.override(this.made.policies[2]!, one.key, 'open');
				await this.redis.override(this.made.policies[2]!, one.key, 'open');
				break;
			case 'override': {
				const policy = this.made.policies[one.policy]!;
				this.memory.override(policy, one.key, one.action);
				await this.redis.override(policy, one.key, one.action);
			}
		}
	}

	/** What is taken back is so once, and taken in no more. */
	private async cancel(request: AdmitRequest): Promise<void> {
		await Promise.all([this.redis.cancel(request), this.redis.cancel(request)]);
		if (request.guards.length > 0)
			assert.equal((await this.redis.admit(request)).status, 'rejected');
		await this.redis.cancel(request);
	}

	/** What is sent again is answered as it was the first time, whether it comes with it or after it. */
	private async send(
		isSentTwice: boolean,
		send: () => Promise<Holding>,
		expected: Holding,
	): Promise<void> {
		const answers = await Promise.all(isSentTwice ? [send(), send()] : [send()]);
		if (isSentTwice) answers.push(await send());
		for (const answer of answers) assert.equal(answer, expected);
	}

	private async admit(request: AdmitRequest, isSentTwice: boolean): Promise<void> {
		const first = this.memory.admit(request);
		// Both travel in one call of a script.
		const send = async () => await this.redis.admit(request);
		const answers = await Promise.all(isSentTwice ? [send(), send()] : [send()]);
		const second = answers[0]!;
		assert.deepEqual(seen(second), seen(first));
		if (isSentTwice && second.status !== 'rejected') {
			assert.deepEqual(answers[1], second);
			assert.deepEqual(await this.redis.admit(request), second);
		}
		if (first.status === 'queued') this.queued.push(request);
		if (first.status === 'granted' && second.status === 'granted')
			this.granted.push([first.permit, second.permit, request]);
	}

	/** Of several definitions, one store shows by the last that was used, the other by the last that was new. */
	async compareStates(): Promise<void> {
		const { policies, alternatives } = this.made;
		const isPlain = (policy: PolicyDefinition, index: number): boolean =>
			policy === alternatives[index] || policy.kind === 'breaker-quorum';
		const plain = policies.filter(isPlain);
		for (const address of addressesOf(plain)) {
			const [first, second] = [this.memory.inspect(address), await this.redis.inspect(address)];
			assert.deepEqual(seenState(second), seenState(first));
		}
	}
}

/** The same permit, to be settled with a vote on the breaker. */
const voting = (permit: Permit, voteMs: number): Permit => ({
	...permit,
	tokens: permit.guards.map(({ policy }, index) =>
		policy.kind === 'breaker-quorum' ? voteMs : permit.tokens[index]!,
	),
});
