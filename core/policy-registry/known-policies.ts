import type { Clock, PolicyDefinition, PolicyKind, PolicyRegistry } from '../ports';

/** A definition is looked up again after this long, in ms. */
const FRESH_MS = 5_000;

const MOST_KNOWN = 10_000;

interface Known {
	readonly policy: PolicyDefinition | undefined;
	readonly at: number;
}

/** Definitions by name, as a registry has them; looked up every few seconds at most. */
export class KnownPolicies {
	private readonly known = new Map<string, Known>();

	constructor(
		private readonly registry: PolicyRegistry,
		private readonly clock: Clock,
	) {}

	/**
	 * The policy as it is defined, the same object for as long as its definition stays the same. Where the registry
	 * cannot be asked, as it last was.
	 * @returns undefined when nobody defines it.
	 * @throws what the registry does, where the policy was never looked up before.
	 */
	async find(kind: PolicyKind, name: string): Promise<PolicyDefinition | undefined> {
		const place = JSON.stringify([kind, name]);
		const now = this.clock.now();
		const last = this.known.get(place);
		if (last && now - last.at < FRESH_MS) return last.policy;
		let policy: PolicyDefinition | undefined;
		try {
			policy = (await this.registry.find(kind, name))?.policy;
		} catch (error) {
			if (last?.policy) return last.policy;
			throw error;
		}
		if (last?.policy && policy && isSame(last.policy, policy)) policy = last.policy;
		if (this.known.size >= MOST_KNOWN) this.known.clear();
		// Who defines what was missing must not have to wait.
		if (policy) this.known.set(place, { policy, at: now });
		else this.known.delete(place);
		return policy;
	}
}

const isSame = (one: PolicyDefinition, other: PolicyDefinition): boolean =>
	JSON.stringify(one.options) === JSON.stringify(other.options);
