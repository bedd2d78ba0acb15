import type { Outcome } from '../../core/outcome';
import type {
	Admission,
	AdmitRequest,
	Awaitable,
	Guard,
	Holding,
	OverrideAction,
	Permit,
	PolicyAddress,
	PolicyDefinition,
	PolicySnapshot,
	RemotePolicyStore,
} from '../../core/ports';
import type { RedisPolicyStore } from './redis-policy-store';
import type { StateKeys } from './state-keys';

/** What of a call one script can reach: the places of its guards in the call's list. */
type Group = readonly number[];

/**
 * Policy state on a Redis Cluster, where policies of different names lie on different nodes and no script reaches two
 * of them. It asks the groups of a call's guards that lie together one after the other; when one turns the call away,
 * those before it give back what they took, so that a rejection consumes nothing in the end. Between the two others may
 * find taken what is given back a round trip later: they are turned away too early, never let through too often.
 */
export class ClusterPolicyStore implements RemotePolicyStore {
	constructor(
		/** Asked only for guards that lie together. */
		private readonly store: RedisPolicyStore,
		private readonly keys: StateKeys,
	) {}

	admit(request: AdmitRequest): Awaitable<Admission> {
		const groups = this.groupsOf(request.guards);
		return groups.length > 1 ? this.admitByGroup(request, groups) : this.store.admit(request);
	}

	async settle(permit: Permit, outcome: Outcome): Promise<Holding> {
		return allHeld(this.partsOf(permit).map((part) => this.store.settle(part, outcome)));
	}

	async refund(permit: Permit): Promise<void> {
		await Promise.all(this.partsOf(permit).map((part) => this.store.refund(part)));
	}

	async cancel(request: AdmitRequest): Promise<void> {
		const groups = this.groupsOf(request.guards);
		await Promise.all(groups.map((group) => this.store.cancel(of(request, group))));
	}

	async extend(permit: Permit, leaseMs: number): Promise<Holding> {
		return allHeld(this.partsOf(permit).map((part) => this.store.extend(part, leaseMs)));
	}

	async awaitTurn(request: AdmitRequest, maxMs: number): Promise<void> {
		await this.store.awaitTurn(request, maxMs);
	}

	async withdraw(request: AdmitRequest): Promise<void> {
		const groups = this.groupsOf(request.guards);
		await Promise.all(groups.map((group) => this.store.withdraw(of(request, group))));
	}

	inspect(address: PolicyAddress): Awaitable<PolicySnapshot | undefined> {
		return this.store.inspect(address);
	}

	override(policy: PolicyDefinition, key: string, action: OverrideAction): Awaitable<void> {
		return this.store.override(policy, key, action);
	}

	/** See `RedisPolicyStore`. */
	check(name?: string): Promise<void> {
		return this.store.check(name);
	}

	private async admitByGroup(request: AdmitRequest, groups: readonly Group[]): Promise<Admission> {
		const granted: Permit[] = [];
		try {
			for (const [index, group] of groups.entries()) {
				const admission = await this.store.admit(of(request, group));
				if (admission.status === 'granted') {
					granted.push(admission.permit);
					continue;
				}
				const unasked = admission.status === 'rejected' ? groups.slice(index + 1) : [];
				await this.undo(request, granted, unasked);
				return admission;
			}
		} catch (error) {
			await this.undo(request, granted, []);
			throw error;
		}
		return { status: 'granted', permit: joined(request, groups, granted) };
	}

	/** What a node does not hear comes back with time; the same permit id, if it asks again, finds it still its own. */
	private async undo(
		request: AdmitRequest,
		granted: readonly Permit[],
		unasked: readonly Group[],
	): Promise<void> {
		await Promise.allSettled([
			...granted.map((permit) => this.store.refund(permit)),
			// It may have a place there since it asked before.
			...unasked
				.filter((group) => group.some((place) => hasQueue(request.guards[place]!)))
				.map((group) => this.store.withdraw(of(request, group))),
		]);
	}

	/** Bulkheads come last: a call waits in line only when all others agree. */
	private groupsOf(guards: readonly Guard[]): readonly Group[] {
		if (guards.length === 1) return [[0]];
		const groups = new Map<string, number[]>();
		guards.forEach(({ policy }, place) => {
			const tag = this.keys.hashTag(policy.name);
			const group = groups.get(tag);
			if (group) group.push(place);
			else groups.set(tag, [place]);
		});
		const isLast = (group: Group): boolean =>
			group.some((place) => guards[place]!.policy.kind === 'bulkhead');
		const all = [...groups.values()];
		return [...all.filter((group) => !isLast(group)), ...all.filter(isLast)];
	}

	private partsOf(permit: Permit): readonly Permit[] {
		const { guards, tokens, admittedAt, admittedAtByName } = permit;
		const groups = this.groupsOf(guards);
		if (groups.length === 1 && !admittedAtByName) return [permit];
		return groups.map((group) => ({
			...of(permit, group),
			tokens: group.map((place) => tokens[place]!),
			admittedAt: admittedAtByName?.[guards[group[0]!]!.policy.name] ?? admittedAt,
		}));
	}
}

/** The part of a request or permit that concerns one group. */
const of = <Of extends { readonly guards: readonly Guard[] }>(whole: Of, group: Group): Of => ({
	...whole,
	guards: group.map((place) => whole.guards[place]!),
});

const hasQueue = ({ policy }: Guard): boolean =>
	policy.kind === 'bulkhead' && policy.options.maxWaitDurationMs > 0;

async function allHeld(answers: ReadonlyArray<Promise<Holding>>): Promise<Holding> {
	const holdings = await Promise.all(answers);
	return holdings.every((holding) => holding === 'held') ? 'held' : 'lost';
}

/** One permit of those that the groups gave. */
function joined(
	{ permitId, guards }: AdmitRequest,
	groups: readonly Group[],
	permits: readonly Permit[],
): Permit {
	const tokens = guards.map(() => 0);
	groups.forEach((group, index) =>
		group.forEach((place, within) => (tokens[place] = permits[index]!.tokens[within]!)),
	);
	return {
		id: permitId,
		guards,
		tokens,
		admittedAt: permits[0]!.admittedAt,
		// Nodes have clocks of their own, by which a call was counted in one of a limiter's windows.
		admittedAtByName: Object.fromEntries(
			permits.flatMap((permit) =>
				permit.guards.map(({ policy }) => [policy.name, permit.admittedAt] as const),
			),
		),
		leased: permits.some(({ leased }) => leased),
		timeoutMs: permits.find(({ timeoutMs }) => timeoutMs !== undefined)?.timeoutMs,
	};
}
