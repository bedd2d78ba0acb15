import type { Clock, PolicyDefinition, PolicyKind, PolicyPlace, PolicyRegistry } from '../ports';

/** How long a definition is gone by, in ms. Which policies there are is asked each time. */
const GONE_BY_MS = 10 * 60_000;

/** Policies of a kind that are watched: the first by name. */
const MOST_OF_A_KIND = 1_000;

/** A policy, and who defined it last. */
export interface WatchedPolicy {
	readonly policy: PolicyDefinition;
	readonly by: PolicyPlace;
}

/** Policies of some kinds by name. */
export class WatchedPolicies {
	private readonly found = new Map<string, WatchedPolicy & { readonly at: number }>();

	constructor(
		private readonly registry: PolicyRegistry,
		private readonly clock: Clock,
		private readonly kinds: readonly PolicyKind[],
	) {}

	/** Those that there are now. */
	async list(): Promise<readonly WatchedPolicy[]> {
		const named = await Promise.all(
			this.kinds.map(async (kind) =>
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

	private async find(kind: PolicyKind, name: string): Promise<WatchedPolicy | undefined> {
		const place = `${kind} ${name}`;
		const now = this.clock.now();
		const last = this.found.get(place);
		if (last && Math.abs(now - last.at) < GONE_BY_MS) return last;
		this.found.delete(place);
		const known = await this.registry.find(kind, name);
		const [newest] = known?.entries ?? [];
		if (!known || !newest) return undefined;
		const found = { policy: known.policy, by: newest.by, at: now };
		if (this.found.size > this.kinds.length * MOST_OF_A_KIND) this.found.clear();
		this.found.set(place, found);
		return found;
	}
}
