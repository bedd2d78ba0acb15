import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Principal } from '../../core/access';
import type { ItemParameters } from '../shared/item-parameters';
import type { Stack } from '../shared/stack';

/** What operations are about, as the editor groups them. */
export const RESOURCES = {
	execution: 'Execution',
	health: 'Health',
	plan: 'Plan',
	policy: 'Policy',
	queue: 'Queue',
	recovery: 'Recovery',
	worker: 'Worker',
} as const;

export type Resource = keyof typeof RESOURCES;

/** An operation for one item. */
export interface OperationCall {
	readonly parameters: ItemParameters;
	readonly stack: Stack;
	/** The workflow. */
	readonly who: Principal;
	/** Aborted when the execution is stopped. */
	readonly signal: AbortSignal;
}

/** One operation: what it is called, what it takes, and what it does. */
export interface Operation {
	readonly resource: Resource;
	/** Unique among those of its resource. */
	readonly value: string;
	readonly name: string;
	/** As in the list of all that the node can do. */
	readonly action: string;
	readonly description: string;
	/** Parameters besides those that say whom to ask. */
	readonly properties: readonly INodeProperties[];
	/** @returns what goes out, an item each. */
	run(call: OperationCall): Promise<readonly IDataObject[]>;
}
