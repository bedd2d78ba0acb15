import type { z } from 'zod';

/** Reads a node's parameters for one item, validated, with errors that name parameter, value and remedy. */
export interface ItemParameters {
	/** Index of the item whose expressions are evaluated. */
	readonly itemIndex: number;
	/**
	 * All options of a schema: top-level parameters of the same names, and those in the `options` collection; or, where
	 * `collection` names one, those in that collection only. `lists` gives the options that are fixed collections.
	 */
	options<Schema extends z.ZodObject>(
		schema: Schema,
		from?: { collection?: string; lists?: Readonly<Record<string, unknown>> },
	): z.output<Schema>;
	/**
	 * A plain text, e.g. a key: numbers become text, anything else that is not text is an error. Never evaluated again.
	 * The name may be a path (`options.policyName`). What is not set is `unset`, by default the empty text.
	 */
	text(name: string, limits?: { maxLength?: number; unset?: string }): string;
	choice<T extends string>(name: string, values: readonly T[]): T;
	/** Id of a chosen workflow. */
	workflowId(name: string): string;
	/** JSON given as text or as an object; `unset` where nothing is given. */
	json(name: string, unset: unknown): unknown;
	/** Entries of a fixed collection, each to be read like a node's parameters. */
	entries(name: string, group: string): ItemParameters[];
	/**
	 * Name of a policy's state: the user's `policyName` in a collection, by default `options`, or one of this node's own
	 * in this workflow.
	 */
	policyName(collection?: string): string;
	/** An error about one parameter: message, description with the remedy, itemIndex. */
	invalid(parameter: string, value: unknown, problem: string, remedy: string): Error;
}
