import type { Clock, PolicyDefinition, PolicyKind, PolicyRegistry } from '../ports';

/** A definition is gone by for this long, in ms, and looked up again before, so that who uses it often never waits. */
const FRESH_MS = 5_000;
const REFRESHED_AFTER_MS = 2_500;

const MOST_KNOWN = 10_000;

interface Known {
	readonly policy: PolicyDefinition;
	readonly at: number;
}

/** Definitions by name, as a registry has them; looked up every few seconds at most. */
export class KnownPolicies {
	private readonly known = new Map<string, Known>();
	private readonly asked = new Map<string, Promise<PolicyDefinition | undefined>>();

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
		const last = this.known.get(placeOf(kind, name));
		const ageMs = last ? this.clock.now() - last.at : Infinity;
		if (last && ageMs < REFRESHED_AFTER_MS) return last.policy;
		const found = this.lookUp(kind, name);
		if (!last) return await found;
		const asItWas = found.catch(() => last.policy);
		return ageMs < FRESH_MS ? last.policy : await asItWas;
	}

	/** Asks once for all who want to know meanwhile. */
	private lookUp(kind: PolicyKind, name: string): Promise<PolicyDefinition | undefined> {
		const place = placeOf(kind, name);
		let found = this.asked.get(place);
		if (!found) {
			found = this.ask(kind, name).finally(() => this.asked.delete(place));
			this.asked.set(place, found);
		}
		return found;
	}

	private async ask(kind: PolicyKind, name: string): Promise<PolicyDefinition | undefined> {
		const place = placeOf(kind, name);
		const at = this.clock.now();
		const defined = (await this.registry.find(kind, name))?.policy;
		// Who defines what was missing must not have to wait.
		if (!defined) {
			this.known.delete(place);
			return undefined;
		}
		const last = this.known.get(place)?.policy;
		const policy = last && isSame(last, defined) ? last : defined;
		if (this.known.size >= MOST_KNOWN) this.known.clear();
		this.known.set(place, { policy, at });
		return policy;
	}
}

const placeOf = (kind: PolicyKind, name: string): string => JSON.stringify([kind, name]);

const isSame = (one: PolicyDefinition, other: PolicyDefinition): boolean =>
	JSON.stringify(one.options) === JSON.stringify(other.options);
