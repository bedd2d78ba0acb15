import assert from 'node:assert/strict';

import { MemoryPolicyStore } from '../../../adapters/memory';
import {
	createPolicyStore,
	ScriptRunner,
	StateKeys,
	TurnedAway,
	UsedPolicies,
	type RedisConnection,
	type SharedPolicyStore,
	type WakeUps,
} from '../../../adapters/redis';
import { definePolicy } from '../../../core/policies/define';
import type { Admission, AdmitRequest, Permit } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';
import { guardsOf, seen } from '../memory/histories';
import type { Setting, Step } from './shared-histories';

/** A breaker that was asked counts as used, also when a policy on another node turned the call away then. */
export function withLastingBreaker({ policies }: Setting): Setting {
	const lasting = policies.map((policy) =>
		policy.kind === 'circuit-breaker'
			? definePolicy(policy.kind, policy.name, { ...policy.options, idleResetMs: 86_400_000 })
			: policy,
	);
	return { policies: lasting, alternatives: lasting };
}

/** But for the times by the clocks of several nodes, which one process has one of. */
const seenOnNodes = (answer: Admission) =>
	answer.status === 'granted'
		? seen({ ...answer, permit: { ...answer.permit, admittedAtByName: undefined } })
		: answer;

/** Both stores, asked the same. */
export class ClusterPair {
	private static made = 0;
	private readonly number = ClusterPair.made++;
	private readonly clock = new FakeClock();
	private readonly memory = new MemoryPolicyStore(this.clock);
	private readonly cluster: SharedPolicyStore;
	private readonly granted: Array<[Permit, Permit]> = [];
	private readonly queued: AdmitRequest[] = [];

	constructor(
		private readonly policies: Setting,
		connection: RedisConnection,
		wakeUps: WakeUps,
	) {
		const keys = new StateKeys(`history ${this.number}:`);
		let ids = 0;
		this.cluster = createPolicyStore(
			{ type: 'cluster', nodes: [] },
			{
				runner: new ScriptRunner(connection),
				keys,
				used: new UsedPolicies(connection, keys, () => this.clock.now()),
				turnedAway: new TurnedAway(connection, keys, this.clock),
				wakeUps,
				newRequestId: () => `me:request ${ids++}`,
				clock: this.clock,
				isTimeOwn: true,
			},
		);
	}

	async play(one: Step, index: number): Promise<void> {
		const take = <T>(from: T[], which: number): T | undefined =>
			from.splice(which % Math.max(1, from.length), 1)[0];
		switch (one.do) {
			case 'call': {
				const made = one.by ? this.policies.alternatives : this.policies.policies;
				const { attempt, leaseMs } = one;
				return await this.admit({
					permitId: `me:${this.number}.${index}`,
					guards: guardsOf(made, one),
					attempt,
					leaseMs,
				});
			}
			case 'again': {
				const request = take(this.queued, one.which);
				if (request) await this.admit(request);
				return;
			}
			case 'withdraw': {
				const request = take(this.queued, one.which);
				if (!request) return;
				this.memory.withdraw(request);
				return await this.cluster.withdraw(request);
			}
			case 'settle': {
				const pair = take(this.granted, one.which);
				if (!pair) return;
				const held = this.memory.settle(pair[0], one);
				assert.equal(await this.cluster.settle(pair[1], one), held);
				if (one.isSentTwice) assert.equal(await this.cluster.settle(pair[1], one), held);
				return;
			}
			case 'settle again':
				return;
			case 'refund':
				// Of a bucket, calls that came and went meanwhile leave less to give back.
				return;
			case 'extend': {
				const pair = this.granted[one.which % Math.max(1, this.granted.length)];
				if (!pair) return;
				const held = this.memory.extend(pair[0], 500);
				return assert.equal(await this.cluster.extend(pair[1], 500), held);
			}
			case 'wait':
				return this.clock.advance(one.ms);
			case 'trip':
			case 'override': {
				const { policy, action } = one.do === 'trip' ? { policy: 2, action: 'open' as const } : one;
				const changed = this.policies.policies[policy];
				if (!changed) return;
				this.memory.override(changed, one.key, action);
				await this.cluster.override(changed, one.key, action);
			}
		}
	}

	private async admit(request: AdmitRequest): Promise<void> {
		const [first, second] = [this.memory.admit(request), await this.cluster.admit(request)];
		assert.deepEqual(seenOnNodes(second), seenOnNodes(first));
		if (first.status === 'queued') this.queued.push(request);
		if (first.status === 'granted' && second.status === 'granted')
			this.granted.push([first.permit, second.permit]);
	}
}
