import {
	ENTRY_KEPT_MS,
	LONGEST_PAGE,
	MOST_ENTRIES,
	MOST_LISTED,
	registeredPolicy,
} from '../../core/policy-registry';
import type {
	Clock,
	PageRequest,
	PolicyDefinition,
	PolicyEntry,
	PolicyKind,
	PolicyPlace,
	PolicyRegistry,
	RegisteredPolicy,
	RegistryPage,
} from '../../core/ports';

/** Which policies steps of this process define. */
export class MemoryPolicyRegistry implements PolicyRegistry {
	/** By kind and name, those that were noted last at the end; per policy by place. */
	private readonly policies = new Map<string, Map<string, PolicyEntry>>();

	constructor(private readonly clock: Clock) {}

	note(policy: PolicyDefinition, by: PolicyPlace): RegisteredPolicy {
		const member = memberOf(policy.kind, policy.name);
		const entries = this.policies.get(member) ?? new Map<string, PolicyEntry>();
		entries.set(by.id, { policy, by, notedAt: this.clock.now() });
		this.policies.delete(member);
		this.policies.set(member, entries);
		if (this.policies.size > MOST_LISTED) this.policies.delete(this.policies.keys().next().value!);
		const all = this.registered(member)!.entries;
		for (const { by: place } of all.slice(MOST_ENTRIES)) entries.delete(place.id);
		return this.registered(member)!;
	}

	find(kind: PolicyKind, name: string): RegisteredPolicy | undefined {
		return this.registered(memberOf(kind, name));
	}

	list({ after = '', limit }: PageRequest): RegistryPage {
		const members = this.members().filter((member) => member > after);
		const page = members.slice(0, Math.min(limit, LONGEST_PAGE));
		return {
			policies: page.map((member) => this.registered(member)!),
			next: page.length < members.length ? page.at(-1) : undefined,
		};
	}

	names(kind: PolicyKind): string[] {
		const start = memberOf(kind, '');
		return this.members()
			.filter((member) => member.startsWith(start))
			.map((member) => member.slice(start.length));
	}

	private members(): string[] {
		return [...this.policies.keys()].filter((member) => this.registered(member)).sort();
	}

	private registered(member: string): RegisteredPolicy | undefined {
		const entries = this.policies.get(member);
		if (!entries) return undefined;
		const oldest = this.clock.now() - ENTRY_KEPT_MS;
		for (const [place, { notedAt }] of entries) if (notedAt <= oldest) entries.delete(place);
		if (entries.size === 0) this.policies.delete(member);
		return registeredPolicy([...entries.values()]);
	}
}

const memberOf = (kind: PolicyKind, name: string): string => `${kind}:${name}`;
