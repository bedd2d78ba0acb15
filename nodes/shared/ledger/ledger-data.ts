import type { Failure } from '../../../core/failure';
import type { CallKeys, PipelineDefinition, Waited } from '../../../core/pipeline';
import type { Permit, Run } from '../../../core/ports';
import type { OwnPlace } from '../lineage/own-items';
import type { Internals } from '../internals';
import type { FallbackPlan, RunOncePlan } from '../step';
import type { Result } from '../step-outputs';

/** One item on its way through the protected nodes. Plain data: it is saved with the execution. */
export interface Call {
	/** Its place in line, as a text. */
	readonly id: string;
	/** Number of its plan in the ledger. */
	readonly plan: number;
	readonly keys: CallKeys;
	/** Which work it is, where that is done once. */
	readonly runKey?: string;
	/** What its item has besides for the protected nodes. */
	fields?: Readonly<Record<string, string | number>>;
	/** The attempt that is out, or that comes next. */
	attempt: number;
	/** When its item came in, ms since the epoch. */
	startedAt: number;
	/** When the first attempt left. */
	firstLeftAt?: number;
	/** When the whole call must be done. */
	deadlineAt?: number;
	/** How long the attempt that is out may take. */
	attemptTimeoutMs?: number;
	previousDelayMs?: number;
	/** What the coming attempt has waited to be admitted, if anything. */
	waited?: Waited;
	/** Not before this moment. */
	dueAt: number;
	/** Whether an attempt is out among the protected nodes. */
	isOut: boolean;
	/** The permit of the attempt that is out, without its guards: those follow from plan and keys. */
	permit?: Omit<Permit, 'guards'>;
	/** How the last attempt that left was let through, if the shared state could not be reached. */
	degraded?: Permit['degraded'];
	/** The run that its item is out for, without its address: that follows from plan and key. */
	run?: Omit<Run, 'name' | 'key'>;
	/** Why the last attempt failed. */
	failure?: Failure;
	/** When the attempt that is out left. */
	leftAt: number;
	/** How many calls left with it: n8n says of a run how long it took, and not of each item. */
	leftWith: number;
	/** Where its item stood when it left last. */
	place?: OwnPlace;
}

/** What is the same for most items: which policies guard them, and what stands in. */
export interface StoredPlan {
	readonly definition: PipelineDefinition;
	readonly fallback?: FallbackPlan;
	readonly runOnce?: RunOncePlan;
}

/** A result that waits for the others, and where it stands in the step's own run data. */
export interface KeptResult extends Omit<Result, 'item'> {
	readonly place: OwnPlace;
}

/** What a step notes in an execution. */
export interface LedgerData {
	next: number;
	plans: StoredPlan[];
	calls: Record<string, Call>;
	/** Per run of the step: the calls that left through `Call`, in the order of the items; null for ended attempts. */
	left: Record<string, Array<string | null>>;
	/** Results that leave when all calls are done. */
	kept: KeptResult[];
}

/** What a step has noted in an execution; undefined for other nodes. */
export function ledgerDataOf(
	{ contextData }: Internals['executionData'],
	nodeName: string,
): LedgerData | undefined {
	return contextData[`node:${nodeName}`]?.bulwark as LedgerData | undefined;
}

/** A call's place in line. */
export const orderOf = ({ id }: Call): number => Number(id);
