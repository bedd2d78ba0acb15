import type {
	Clock,
	PolicyDefinition,
	PolicyPlace,
	PolicyRegistry,
	RegisteredPolicy,
} from '../ports';

/** A definition that does not change is noted this often while it is in use. */
const NOTED_EVERY_MS = 60 * 60 * 1_000;

/** One that changes from call to call, because an expression is in it, is noted no more often than this. */
const CHANGED_EVERY_MS = 10_000;

/** Definitions that are remembered; beyond them all are noted anew. */
const MOST_REMEMBERED = 10_000;

interface Note {
	readonly policy: PolicyDefinition;
	readonly at: number;
}

/** Tells a registry what the places of this process define, seldom enough to cost calls nothing. */
export class DefinitionNotes {
	private readonly noted = new Map<string, Note>();

	constructor(
		private readonly registry: PolicyRegistry,
		private readonly clock: Clock,
	) {}

	/** @returns what is known of the policy then, if it was time to note it; rejects as the registry does. */
	note(policy: PolicyDefinition, by: PolicyPlace): Promise<RegisteredPolicy> | undefined {
		const place = JSON.stringify([policy.kind, policy.name, by.id]);
		const now = this.clock.now();
		const last = this.noted.get(place);
		if (last && now - last.at < (isSame(last.policy, policy) ? NOTED_EVERY_MS : CHANGED_EVERY_MS))
			return undefined;
		if (this.noted.size >= MOST_REMEMBERED) this.noted.clear();
		this.noted.set(place, { policy, at: now });
		return this.tell(policy, by, place);
	}

	private async tell(
		policy: PolicyDefinition,
		by: PolicyPlace,
		place: string,
	): Promise<RegisteredPolicy> {
		try {
			return await this.registry.note(policy, by);
		} catch (error) {
			this.noted.delete(place);
			throw error;
		}
	}
}

const isSame = (one: PolicyDefinition, other: PolicyDefinition): boolean =>
	one === other || JSON.stringify(one.options) === JSON.stringify(other.options);
