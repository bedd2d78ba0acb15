import type { INodeProperties } from 'n8n-workflow';

import type { CallKeys, PipelineDefinition } from '../../core/pipeline';
import type { Alternative } from '../../core/policies/fallback';
import type { PolicyKind } from '../../core/ports';
import type { RunOncePolicy } from '../../core/run-once';
import type { WhenStoreIsDown } from '../../core/store-outage';
import type { ItemParameters } from './item-parameters';

/** What a step does with one item: which policies guard it, under which keys, and what stands in when it fails. */
export interface StepPlan {
	readonly definition: PipelineDefinition;
	readonly keys: CallKeys;
	/** Fallback only. */
	readonly fallback?: FallbackPlan;
	/** Run Once only. */
	readonly runOnce?: RunOncePlan;
	/** With it: what makes two items the same work. */
	readonly runKey?: string;
	/** Fields that the item has for the protected work, the same at every attempt. */
	readonly fields?: Readonly<Record<string, string>>;
}

/** Which work is done once. */
export interface RunOncePlan {
	readonly policy: RunOncePolicy;
	/** Field in which the item has the fencing token for the protected work; empty for none. */
	readonly tokenField: string;
}

/** What answers when the guarded work does not. */
export interface FallbackPlan {
	/** In the order in which they are tried; plain data, except that a sub-workflow is named, not called. */
	readonly cascade: readonly FallbackAlternative[];
	/** Where good results are remembered; undefined when no alternative uses them. */
	readonly remember?: { readonly key: string; readonly ttlMs: number };
}

/** A fallback's alternative as the user set it. */
export type FallbackAlternative =
	| Extract<Alternative, { type: 'static' | 'last-good' }>
	| { readonly type: 'sub-workflow'; readonly workflowId: string };

/** All that tells one step from another; everything else they share. */
export interface Step {
	/** The node type's name, e.g. `circuitBreaker`. */
	readonly name: string;
	readonly displayName: string;
	/** One line for the node panel. */
	readonly description: string;
	/** Expression shown under the node's name: what it will do. */
	readonly subtitle: string;
	/** The step's own parameters; the choice of what it guards comes before them. */
	readonly properties: INodeProperties[];
	/** Kinds of policies that it can go by under a name (see `withNamedPolicies`). Default: none. */
	readonly namedPolicies?: readonly PolicyKind[];
	/** What becomes of its calls while Redis is down unless the user says otherwise. Default: `local`. */
	readonly whenRedisIsDown?: WhenStoreIsDown;
	/** Reads and validates the parameters for one item. Throws a `NodeOperationError` with the item's index. */
	readonly plan: (parameters: ItemParameters) => StepPlan;
}
