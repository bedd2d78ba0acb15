import type { z } from 'zod';

import type { DefinitionOf } from '../../core/policies/define';
import type { PolicyKind } from '../../core/ports';

/** Where in a node the options of a schema stand. */
export interface OptionsPlace {
	/** The collection that has them; without one they stand at the top level or in the collection `options`. */
	readonly collection?: string;
	/** Reads the options that are fixed collections of their own. */
	readonly lists?: () => Readonly<Record<string, unknown>>;
}

/**
 * Reads a node's parameters for one item, validated. Whatever cannot be used is thrown as a `NodeOperationError` that
 * names parameter, value, remedy and item.
 */
export interface ItemParameters {
	/** Index of the item whose expressions are evaluated. */
	readonly itemIndex: number;
	/** All options of a schema, from one place in the node. */
	options<Schema extends z.ZodObject>(schema: Schema, from?: OptionsPlace): z.output<Schema>;
	/**
	 * A plain text, e.g. a key: numbers become text, anything else that is not text is an error. Never evaluated again.
	 * The name may be a path (`options.policyName`). What is not set is `unset`, by default the empty text.
	 * @param limits `remedy`: what to do where it is no text.
	 */
	text(name: string, limits?: { maxLength?: number; unset?: string; remedy?: string }): string;
	/** One of the values; there is no default. */
	choice<T extends string>(name: string, values: readonly T[]): T;
	/** Id of a chosen workflow; there is no default. */
	workflowId(name: string): string;
	/** JSON given as text or as an object; `unset` where nothing is given. */
	json(name: string, unset: unknown): unknown;
	/** Entries of a fixed collection, each to be read like a node's parameters. */
	entries(name: string, group: string): ItemParameters[];
	/**
	 * Name of a policy's state: the user's `policyName` in a collection, by default `options`, or one of this node's own
	 * in this workflow. Where the user named a policy, that is the default.
	 */
	policyName(collection?: string): string;
	/** The policy of a kind that the user named; undefined where this node defines it. */
	namedPolicy<Kind extends PolicyKind>(kind: Kind): DefinitionOf<Kind> | undefined;
	/** An error about one parameter: message, description with the remedy, itemIndex. */
	invalid(parameter: string, value: unknown, problem: string, remedy: string): Error;
}
