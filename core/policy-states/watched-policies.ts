import { MOST_LISTED } from '../policy-registry';
import type { Clock, PolicyDefinition, PolicyKind, PolicyPlace, PolicyRegistry } from '../ports';

/** How long a definition is gone by, in ms. Which policies there are is asked each time. */
const GONE_BY_MS = 10 * 60_000;

/** A policy, and who defined it last. */
export interface WatchedPolicy {
	readonly policy: PolicyDefinition;
	readonly by: PolicyPlace;
}

/** What a policy is known by. */
export interface PolicyName {
	readonly kind: PolicyKind;
	readonly name: string;
}

/** Policies of some kinds. */
export class WatchedPolicies {
	private readonly found = new Map<string, WatchedPolicy & { readonly at: number }>();

	constructor(
		private readonly registry: PolicyRegistry,
		private readonly clock: Clock,
		private readonly kinds: readonly PolicyKind[],
	) {}

	/** Those that there are now, by kind and name: as many as the registry holds. */
	async names(): Promise<readonly PolicyName[]> {
		const named = await Promise.all(
			this.kinds.map(async (kind) =>
				[...(await this.registry.names(kind))].sort().map((name) => ({ kind, name })),
			),
		);
		return named.flat();
	}

	/** @returns undefined where nobody defines it any more. */
	async find({ kind, name }: PolicyName): Promise<WatchedPolicy | undefined> {
		const place = `${kind} ${name}`;
		const now = this.clock.now();
		const last = this.found.get(place);
		if (last && Math.abs(now - last.at) < GONE_BY_MS) return last;
		this.found.delete(place);
		const known = await this.registry.find(kind, name);
		const [newest] = known?.entries ?? [];
		if (!known || !newest) return undefined;
		const found = { policy: known.policy, by: newest.by, at: now };
		if (this.found.size >= MOST_LISTED) this.found.clear();
		this.found.set(place, found);
		return found;
	}
}
