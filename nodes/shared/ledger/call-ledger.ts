import type { IExecuteFunctions } from 'n8n-workflow';

import { bindGuards, deadlineOf, type PipelineDefinition } from '../../../core/pipeline';
import type { Guard } from '../../../core/ports';
import type { FallbackPlan, RunOncePlan, StepPlan } from '../step';
import type { Call, KeptResult, LedgerData, StoredPlan } from './ledger-data';

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
		{ definition, keys, fallback, runOnce, runKey, fields }: StepPlan,
		now: number,
		deadlineAt: number,
	): Call {
		const id = String(order);
		const ends = deadlineOf(definition, now, deadlineAt);
		const call: Call = {
			id,
			plan: this.planNumber({ definition, fallback, runOnce }),
			keys,
			...(runKey !== undefined && { runKey }),
			...(fields && { fields }),
			attempt: 1,
			startedAt: now,
			...(ends !== Infinity && { deadlineAt: ends }),
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

	/** Undefined where its work is done whenever it is called for. */
	runOnceOf(call: Call): RunOncePlan | undefined {
		return this.data.plans[call.plan]!.runOnce;
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
