import type { Awaitable } from '../awaitable';
import type { PolicyDefinition, PolicyKind } from '../policies/definition';

/** Who defines a policy: a step of a workflow, or an operator. */
export interface PolicyPlace {
	/** Unique for ever, such as the ids of workflow and node. */
	readonly id: string;
	/** For people, e.g. `"Circuit Breaker" of workflow "Orders"`. */
	readonly title: string;
}

/** How one place defines a policy. */
export interface PolicyEntry {
	readonly policy: PolicyDefinition;
	readonly by: PolicyPlace;
	/** When it was last noted, ms since the epoch by the registry's clock. */
	readonly notedAt: number;
}

/** An option that two definitions of one policy have different values of. */
export interface OptionDifference {
	readonly option: string;
	/** As users know it. */
	readonly title: string;
	readonly newer: unknown;
	readonly older: unknown;
}

/** Two places that define one policy, lately, in different ways. */
export interface PolicyConflict {
	readonly newer: PolicyEntry;
	readonly older: PolicyEntry;
	readonly differences: readonly OptionDifference[];
}

/** All that is known of a policy. */
export interface RegisteredPolicy {
	/** By the place that noted it last. */
	readonly policy: PolicyDefinition;
	/** The newest first; one a place, at most 20. */
	readonly entries: readonly PolicyEntry[];
	/** Of the newest with each of the others. */
	readonly conflicts: readonly PolicyConflict[];
}

/** Part of a long list. */
export interface PageRequest {
	/** The `next` of the page before; undefined for the first. */
	readonly after?: string;
	/** From 1 to 100. */
	readonly limit: number;
}

export interface RegistryPage {
	/** By kind and name. */
	readonly policies: readonly RegisteredPolicy[];
	/** Undefined on the last page. */
	readonly next: string | undefined;
}

/**
 * Which policies there are, by kind and name. A step that has settings of its own notes them as it uses them, so that
 * others can go by them and people can see them. Who has not noted a definition for 30 days defines it no longer; the
 * 10,000 policies that were noted last are listed.
 */
export interface PolicyRegistry {
	/** @returns what is known of the policy now. */
	note(policy: PolicyDefinition, by: PolicyPlace): Awaitable<RegisteredPolicy>;
	/** @returns undefined when no place defines it. */
	find(kind: PolicyKind, name: string): Awaitable<RegisteredPolicy | undefined>;
	list(page: PageRequest): Awaitable<RegistryPage>;
	/** All names that policies of a kind have. */
	names(kind: PolicyKind): Awaitable<readonly string[]>;
}
