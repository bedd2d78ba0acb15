import type { IExecuteFunctions } from 'n8n-workflow';

import { bindGuards, type CallKeys, type PipelineDefinition } from '../../../core/pipeline';
import type { Guard, Permit } from '../../../core/ports';
import type { Failure } from '../../../core/failure';
import type { Internals } from '../n8n/internals';
import type { FallbackPlan, StepPlan } from '../step';
import type { Result } from '../step-outputs';
import type { OwnPlace } from './own-items';

/** One item on its way through the protected nodes. Plain data: it is saved with the execution. */
export interface Call {
	/** Its place in line, as a text. */
	readonly id: string;
	/** Number of its plan in the ledger. */
	readonly plan: number;
	readonly keys: CallKeys;
	/** The attempt that is out, or that comes next. */
	attempt: number;
	/** When the first attempt left, ms since the epoch. */
	startedAt: number;
	/** When the whole call must be done. */
	deadlineAt?: number;
	/** How long the attempt that is out may take. */
	attemptTimeoutMs?: number;
	previousDelayMs?: number;
	/** Time spent waiting for admission, in ms. */
	waitedMs: number;
	/** Not before this moment. */
	dueAt: number;
	/** Whether an attempt is out among the protected nodes. */
	isOut: boolean;
	/** The permit of the attempt that is out, without its guards: those follow from plan and keys. */
	permit?: Omit<Permit, 'guards'>;
	/** Why the last attempt failed. */
	failure?: Failure;
	/** When the attempt that is out left. */
	leftAt: number;
	/** How many calls left with it: n8n says of a run how long it took, and not of each item. */
	leftWith: number;
	/** Where its item stood when it left last. */
	place?: OwnPlace;
}

interface StoredPlan {
	readonly definition: PipelineDefinition;
	readonly fallback?: FallbackPlan;
}

/** A result that waits for the others, and where it stands in the step's own run data. */
export interface KeptResult extends Omit<Result, 'item'> {
	readonly place: OwnPlace;
}

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

export const orderOf = ({ id }: Call): number => Number(id);

/** The calls of one step in one execution, kept in n8n's node context, so that they survive a wait and a restart. */
export class CallLedger {
	private readonly data: LedgerData;
	/** Number of each plan, by its text. */
	private numbers: Map<string, number> | undefined;

	constructor(context: IExecuteFunctions) {
		const stored = context.getContext('node');
		stored.bulwark ??= { next: 0, plans: [], calls: {}, left: {}, kept: [] } satisfies LedgerData;
		this.data = stored.bulwark as LedgerData;
	}

	/** Results that leave when all calls are done. */
	get kept(): KeptResult[] {
		return this.data.kept;
	}

	/** The place in line of an item that came in. */
	nextOrder(): number {
		return this.data.next++;
	}

	open(
		order: number,
		{ definition, keys, fallback }: StepPlan,
		now: number,
		deadlineAt: number,
	): Call {
		const id = String(order);
		const { totalTimeoutMs } = definition;
		const ends = Math.min(
			deadlineAt,
			totalTimeoutMs === undefined ? Infinity : now + totalTimeoutMs,
		);
		const call: Call = {
			id,
			plan: this.planNumber({ definition, fallback }),
			keys,
			attempt: 1,
			startedAt: now,
			...(ends !== Infinity && { deadlineAt: ends }),
			waitedMs: 0,
			dueAt: now,
			leftAt: now,
			leftWith: 1,
			isOut: false,
		};
		this.data.calls[id] = call;
		return call;
	}

	/** The call, if it is still open. */
	find(id: string): Call | undefined {
		return this.data.calls[id];
	}

	close(call: Call): void {
		delete this.data.calls[call.id];
	}

	definitionOf(call: Call): PipelineDefinition {
		return this.data.plans[call.plan]!.definition;
	}

	fallbackOf(call: Call): FallbackPlan | undefined {
		return this.data.plans[call.plan]!.fallback;
	}

	/** The guards of the call's coming attempt. */
	guardsOf(call: Call): readonly Guard[] {
		const { first, further } = bindGuards(this.definitionOf(call), call.keys);
		return call.attempt === 1 ? first : further;
	}

	/** Notes that calls left through `Call` in a run, in the order of the items. */
	noteLeft(run: number, calls: readonly Call[]): void {
		for (const call of calls) call.leftWith = calls.length;
		if (calls.length > 0) this.data.left[run] = calls.map(({ id }) => id);
	}

	/**
	 * Which call an item that left in a run belongs to; null when that attempt failed and was made again, undefined
	 * when nothing is known of that run.
	 */
	callThatLeft(run: number, index: number): string | null | undefined {
		return this.data.left[run]?.[index];
	}

	/** The attempt that left last is to be made again: what else may come back of it counts no more. */
	supersede({ place }: Call): void {
		const left = place && this.data.left[place.run];
		if (left) left[place.index] = null;
	}

	/** Calls whose attempt is out. */
	out(): Call[] {
		return Object.values(this.data.calls).filter(({ isOut }) => isOut);
	}

	/** Most items have the same plan, which is kept once. */
	private planNumber(plan: StoredPlan): number {
		const { plans } = this.data;
		this.numbers ??= new Map(plans.map((known, number) => [JSON.stringify(known), number]));
		const text = JSON.stringify(plan);
		const number = this.numbers.get(text) ?? plans.push(plan) - 1;
		this.numbers.set(text, number);
		return number;
	}
}
