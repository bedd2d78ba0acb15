import type { DefinitionOf } from '../policies/define';
import type { Clock, PolicyDefinition, PolicyRegistry } from '../ports';

/** How long a definition is gone by, in ms. Which policies there are is asked each time. */
const GONE_BY_MS = 10 * 60_000;

/** Policies of a kind that are watched: the first by name. */
const MOST_OF_A_KIND = 1_000;

export type WatchedPolicy = DefinitionOf<'circuit-breaker'> | DefinitionOf<'bulkhead'>;

const KINDS = ['circuit-breaker', 'bulkhead'] as const satisfies ReadonlyArray<
	WatchedPolicy['kind']
>;

/** Breakers and bulkheads by name. */
export class WatchedPolicies {
	private readonly found = new Map<
		string,
		{ readonly policy: WatchedPolicy; readonly at: number }
	>();

	constructor(
		private readonly registry: PolicyRegistry,
		private readonly clock: Clock,
	) {}

	/** Those that there are now. */
	async list(): Promise<readonly WatchedPolicy[]> {
		const named = await Promise.all(
			KINDS.map(async (kind) =>
				[...(await this.registry.names(kind))]
					.sort()
					.slice(0, MOST_OF_A_KIND)
					.map((name) => ({ kind, name })),
			),
		);
		const policies = await Promise.all(
			named.flat().map(async ({ kind, name }) => await this.find(kind, name)),
		);
		return policies.filter((policy) => policy !== undefined);
	}

	private async find(
		kind: WatchedPolicy['kind'],
		name: string,
	): Promise<WatchedPolicy | undefined> {
		const place = `${kind} ${name}`;
		const now = this.clock.now();
		const last = this.found.get(place);
		if (last && Math.abs(now - last.at) < GONE_BY_MS) return last.policy;
		this.found.delete(place);
		const policy = (await this.registry.find(kind, name))?.policy;
		if (!policy || !isWatched(policy)) return undefined;
		if (this.found.size > KINDS.length * MOST_OF_A_KIND) this.found.clear();
		this.found.set(place, { policy, at: now });
		return policy;
	}
}

const isWatched = (policy: PolicyDefinition): policy is WatchedPolicy =>
	policy.kind === 'circuit-breaker' || policy.kind === 'bulkhead';
