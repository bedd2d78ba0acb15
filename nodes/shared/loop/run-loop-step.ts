import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { RejectedError, type TimeoutError } from '../../../core/errors';
import type { Failure } from '../../../core/failure';
import { rememberResult, standIn } from '../fallback';
import { ExecutionPermits } from '../n8n/execution-permits';
import { internalsOf, isOutputConnected, type Internals } from '../n8n/internals';
import { HELD_OUTPUT, INPUT, OUTPUT } from '../ports';
import { readForItem } from '../read-for-item';
import { services } from '../services';
import type { Step } from '../step';
import {
	failureOf,
	guardUnwiredOutputs,
	itemsAt,
	passOn,
	StepOutputs,
	type ItemPlace,
} from '../step-outputs';
import { LONGEST_WAIT_IN_PROCESS_MS } from '../waits';
import { CallLedger, type Call } from './call-ledger';
import { enclosingDeadline } from './enclosing-deadline';
import { Gate, type Candidate } from './gate';
import { OriginFinder } from './origins';
import { OwnTurns } from './own-turns';
import { readReturned, type Arrival, type ReturnedItem } from './returned';
import { Settlement } from './settlement';
import { DUE_LAST } from './turn-order';

/**
 * One run of a step that guards the nodes between. Items come in, leave through `Call`, come back by the wire that
 * says how they fared, and leave for good; calls that must wait while others can go on are held and taken up again
 * in a turn of the step's own.
 * @returns items by output, or null when the run only made way for others.
 */
export async function runLoopStep(
	context: IExecuteFunctions,
	step: Step,
): Promise<INodeExecutionData[][] | null> {
	return await new LoopRun(context, step).run();
}

class LoopRun {
	private readonly internals: Internals;
	private readonly ledger: CallLedger;
	private readonly turns: OwnTurns;
	private readonly finder: OriginFinder;
	private readonly gate: Gate;
	private readonly settlement: Settlement;
	private readonly outputs = new StepOutputs();
	private readonly left: Call[] = [];

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly step: Step,
	) {
		this.internals = internalsOf(context);
		this.assertExecutionOrder();
		this.assertCallIsWired();
		this.ledger = new CallLedger(context);
		this.turns = new OwnTurns(context);
		this.finder = new OriginFinder(this.internals, context.getNode().name);
		const permits = ExecutionPermits.of(context);
		this.settlement = new Settlement(this.ledger, permits);
		this.gate = new Gate(this.ledger, permits, this, context.getExecutionCancelSignal());
	}

	async run(): Promise<INodeExecutionData[][] | null> {
		const turn = this.turns.current;
		if (turn?.waitUntil !== undefined) {
			await this.turns.wait(turn.waitUntil);
			return [[], [], [], []];
		}
		if (!turn) {
			await this.takeIn();
		} else {
			if (!this.turns.isDrained()) return null;
			if (!this.turns.isStepInsideAtWork) await this.settlement.forgetDropped();
			if (!turn.held) return null;
			this.takeUp(turn.held);
		}
		const suspendUntil = await this.letLeave();
		if (suspendUntil !== undefined) {
			await this.gate.holdAll();
			this.turns.suspend(suspendUntil);
			return null;
		}
		return await this.leave();
	}

	/** For the gate: a call leaves for the protected nodes. */
	onLeave({ call, item, place }: Candidate): void {
		call.place = {
			run: this.internals.runIndex,
			output: OUTPUT.call,
			index: this.outputs.call.length,
		};
		this.outputs.call.push(passOn(item, place));
		this.left.push(call);
	}

	/** For the gate: a call will not leave (any more). */
	async onRejected(
		{ call, item, place }: Candidate,
		error: RejectedError | TimeoutError,
	): Promise<void> {
		this.ledger.close(call);
		const lastFailure = call.failure;
		// What asked for the retry says more than that there was no budget for it.
		const isBudget = error instanceof RejectedError && error.code === 'RETRY_BUDGET_EXHAUSTED';
		const failure = isBudget && lastFailure ? lastFailure : failureOf(error);
		if (await this.stoodIn(call, failure, item, place)) return;
		if (error instanceof RejectedError && !isBudget) this.outputs.reject(item, place, error);
		else {
			const attempts = call.attempt - (lastFailure ? 1 : 0);
			this.outputs.fail(item, place, {
				failure,
				attempts,
				gaveUp: isBudget ? 'retry-budget' : 'deadline',
				remedy: error.remedy,
			});
		}
	}

	/** Takes in what arrived: new items, and those that came back. */
	private async takeIn(): Promise<void> {
		const source = this.context.getExecuteData().source?.main;
		const arrivals = [INPUT.succeeded, INPUT.failed].map((input): Arrival => {
			return { input, items: itemsAt(this.context, input), source: source?.[input], isOwn: true };
		});
		arrivals.push(...this.turns.takeReturns());
		const returned = readReturned(this.context, this.ledger, this.finder, arrivals);
		await this.takeBack(returned);
		if (returned.length > 0) this.turns.wakeHeld();

		for (const [item, original] of itemsAt(this.context, INPUT.items).entries()) {
			const plan = readForItem(this.context, item, original, this.outputs, this.step.plan);
			if (!plan) continue;
			const deadline = enclosingDeadline(this.internals, this.finder, source?.[INPUT.items], item);
			const call = this.ledger.open(plan, services.clock.now(), deadline);
			this.gate.add({ call, item: original, place: { item, input: INPUT.items } });
		}
	}

	/** Takes up calls that were held in an earlier run. */
	private takeUp(held: readonly string[]): void {
		const items = itemsAt(this.context, INPUT.items);
		held.forEach((id, item) => {
			const call = this.ledger.find(id);
			if (call) this.gate.add({ call, item: items[item]!, place: { item, input: INPUT.items } });
		});
	}

	private async takeBack(returned: readonly ReturnedItem[]): Promise<void> {
		const byCall = new Map<Call, ReturnedItem[]>();
		for (const back of returned) {
			for (const call of back.calls) byCall.set(call, [...(byCall.get(call) ?? []), back]);
		}
		const voided = new Set<Call>();
		// One moment for all, so that what came back together and waits equally long leaves together.
		const now = services.clock.now();
		for (const [call, items] of byCall) {
			if (!(await this.endAttempt(call, items, now))) voided.add(call);
		}
		for (const { item, place, failure, calls } of returned) {
			const isVoid = calls.length > 0 && calls.every((call) => voided.has(call));
			if (failure === undefined && !isVoid) this.outputs.success.push(passOn(item, place));
			// Its call has ended before: a part of an item that was split, say.
			if (failure !== undefined && calls.length === 0)
				this.outputs.fail(item, place, { failure, attempts: 1 });
		}
	}

	/**
	 * Ends a call's attempt with all that came back of it.
	 * @returns whether good items among them count: not when they are late, nor when the attempt is made again.
	 */
	private async endAttempt(
		call: Call,
		items: readonly ReturnedItem[],
		now: number,
	): Promise<boolean> {
		const failed = items.find(({ failure }) => failure !== undefined);
		const { place, item } = failed ?? items[0]!;
		const original = this.originalOf(call) ?? item;
		const { attempt: attempts } = call;
		const verdict = await this.settlement.settle(call, failed?.failure, now);
		switch (verdict.kind) {
			case 'success':
				await rememberResult(
					this.ledger.fallbackOf(call),
					items.map((back) => back.item),
				);
				return true;
			case 'retry':
				this.gate.add({ call, item: original, place });
				return false;
			case 'failed': {
				const { failure, gaveUp } = verdict;
				const isReplaced = await this.stoodIn(call, failure, original, place);
				if (!isReplaced) this.outputs.fail(original, place, { failure, attempts, gaveUp });
				return !verdict.late;
			}
		}
	}

	private async stoodIn(
		call: Call,
		failure: Failure,
		original: INodeExecutionData,
		place: ItemPlace,
	): Promise<boolean> {
		const items = await standIn(
			this.context,
			this.ledger.fallbackOf(call),
			failure,
			original,
			place,
		);
		if (items) this.outputs.success.push(...items);
		return items !== undefined;
	}

	/** The item as it left, because nodes may change or lose what they were given. */
	private originalOf({ place }: Call): INodeExecutionData | undefined {
		if (!place) return undefined;
		const task =
			this.internals.runExecutionData.resultData.runData[this.context.getNode().name]?.[place.run];
		return task?.data?.main?.[place.output]?.[place.index] ?? undefined;
	}

	/**
	 * Lets calls leave, waiting for the first while there is nothing else to do in the whole execution.
	 * @returns when to go on, if that is too long to wait in this process.
	 */
	private async letLeave(): Promise<number | undefined> {
		for (;;) {
			await this.gate.tryAll();
			if (this.gate.isEmpty || !this.outputs.isEmpty) return undefined;
			const { nextDueAt, nextDelayEndsAt, isAnyQueued } = this.gate;
			const isLong = nextDueAt - services.clock.now() >= LONGEST_WAIT_IN_PROCESS_MS;
			if (this.turns.current) {
				if (isLong) return nextDueAt;
				// What they wait for may be held by calls of this step that are still further in.
				if (nextDelayEndsAt === Infinity && this.turns.isStepInsideAtWork) return undefined;
			} else if (isLong || isAnyQueued || !this.turns.isNothingElseToDo) {
				return undefined;
			}
			await this.gate.waitForNext();
		}
	}

	private async leave(): Promise<INodeExecutionData[][]> {
		const { nextDelayEndsAt, isAnyQueued } = this.gate;
		// Those in a queue try once when all else is done, and then again when something came back.
		const isUntried = isAnyQueued && !this.turns.current;
		const dueAt = isUntried ? 0 : Math.min(nextDelayEndsAt, DUE_LAST);
		const held = await this.gate.holdAll();
		const heldItems = held.map(({ item, place }) => passOn(item, place));
		this.ledger.noteLeft(this.internals.runIndex, this.left);
		guardUnwiredOutputs(this.context, this.outputs, OUTPUT.success);

		const { call, success, failed, rejected } = this.outputs;
		const outputs = [call, success, failed, rejected];
		if (held.length > 0) {
			while (outputs.length < HELD_OUTPUT) outputs.push([]);
			outputs.push(heldItems);
			this.turns.takeWithHeld({ held: held.map(({ call: { id } }) => id), dueAt }, heldItems);
		} else if (this.left.length > 0) {
			this.turns.takeLast();
		}
		return outputs;
	}

	/** Without a wire items would disappear. Tried on its own in the editor, a step may be as it was dragged in. */
	private assertCallIsWired(): void {
		const { name } = this.context.getNode();
		const isTriedAlone = this.internals.runExecutionData.startData?.destinationNode !== undefined;
		if (isTriedAlone || isOutputConnected(this.internals, name, OUTPUT.call)) return;
		throw new NodeOperationError(this.context.getNode(), 'The output Call leads nowhere', {
			description:
				'Wire Call to the nodes to protect, and their success and error outputs back into Succeeded and Failed',
		});
	}

	private assertExecutionOrder(): void {
		if (this.internals.workflow.settings.executionOrder === 'v1') return;
		throw new NodeOperationError(
			this.context.getNode(),
			'This workflow uses the execution order "v0 (legacy)"',
			{
				description:
					'Set Execution Order to "v1 (recommended)" in the workflow settings: a loop needs it',
			},
		);
	}
}
