import type { IExecuteFunctions, INodeExecutionData, NodeOperationError } from 'n8n-workflow';

import { RejectedError, type TimeoutError } from '../../../core/errors';
import type { Failure } from '../../../core/failure';
import { markDegraded } from '../degraded';
import { endOfFailure, endOfResult, lostRun, type EarlierOutcome } from '../../../core/run-once';
import { rememberResult, standIn } from '../fallback';
import { CallLedger } from '../ledger/call-ledger';
import { enclosingDeadline } from '../ledger/enclosing-deadline';
import { orderOf, type Call } from '../ledger/ledger-data';
import { OriginFinder } from '../lineage/origins';
import { OwnItems } from '../lineage/own-items';
import { ExecutionPermits } from '../n8n/execution-permits';
import { ExecutionRuns } from '../n8n/execution-runs';
import { isTakenForError, TAKEN_FOR_ERROR } from '../n8n/error-output';
import { internalsOf, type Internals } from '../internals';
import { loopOptions } from '../description';
import { readParameters } from '../parameters';
import { INPUT, OUTPUT } from '../ports';
import { readForItem } from '../read-for-item';
import { leaveAsBefore, resultOf, warnOfUnkept, withFields } from '../run-once';
import type { Services } from '../services';
import type { Step } from '../step';
import {
	failureOf,
	guardUnwiredOutputs,
	itemsAt,
	passOn,
	reportOfSetting,
	StepResults,
	type ItemPlace,
} from '../step-outputs';
import type { Arrival } from '../turns/arrival';
import { OwnTurns } from '../turns/own-turns';
import { DUE_LAST } from '../turns/turn-order';
import { LONGEST_WAIT_IN_PROCESS_MS } from '../waits';
import { Gate, type Candidate } from './gate';
import { KeptResults } from './kept-results';
import { placeIn, readReturned, type ReturnedItem } from './returned';
import { Settlement } from './settlement';
import { checkWiring } from './wiring';

/**
 * One run of a step that guards the nodes between. Items come in, leave through `Call`, come back by the wire that
 * says how they fared, and leave for good, each when it is done or all together; calls that must wait while others can
 * go on are held and taken up again in a turn of the step's own.
 * @returns items by output, or null when the run only made way for others.
 */
export async function runLoopStep(
	context: IExecuteFunctions,
	step: Step,
	services: Services,
): Promise<INodeExecutionData[][] | null> {
	return await new LoopRun(context, step, services).run();
}

class LoopRun {
	private readonly internals: Internals;
	private readonly ledger: CallLedger;
	private readonly turns: OwnTurns;
	private readonly finder: OriginFinder;
	private readonly gate: Gate;
	private readonly settlement: Settlement;
	private readonly own: OwnItems;
	private readonly kept: KeptResults;
	/** What leaves through `Call`, and the calls in the same order. */
	private readonly called: INodeExecutionData[] = [];
	private readonly left: Call[] = [];
	private readonly results = new StepResults();
	/** The items that this run deals with. */
	private readonly atStake: Array<{ item: INodeExecutionData; place: ItemPlace }> = [];

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly step: Step,
		private readonly services: Services,
	) {
		this.internals = internalsOf(context);
		checkWiring(context, this.internals);
		this.own = new OwnItems(this.internals, context.getNode().name);
		this.ledger = new CallLedger(context);
		this.kept = new KeptResults(this.ledger, this.own);
		this.turns = new OwnTurns(context);
		this.finder = new OriginFinder(this.internals, context.getNode().name);
		const permits = ExecutionPermits.of(context);
		const runs = ExecutionRuns.of(context);
		const signal = context.getExecutionCancelSignal();
		this.settlement = new Settlement(services, this.ledger, permits, runs);
		this.gate = new Gate(services, this.ledger, permits, runs, this, signal);
	}

	async run(): Promise<INodeExecutionData[][] | null> {
		if (!this.context.continueOnFail()) return await this.take();
		try {
			return await this.take();
		} catch (error) {
			return await this.failAll(error as NodeOperationError);
		}
	}

	private async take(): Promise<INodeExecutionData[][] | null> {
		const turn = this.turns.current;
		if (turn?.waitUntil !== undefined) {
			await this.turns.wait(turn.waitUntil);
			return [[], [], [], []];
		}
		if (!turn) {
			await this.takeIn();
		} else {
			if (!this.turns.isDrained()) return null;
			if (!this.turns.isStepInsideAtWork) await this.settlement.forget(this.ledger.out());
			if (!turn.hasHeld && (this.kept.isEmpty || !this.areAllDone)) return null;
			this.takeUp();
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
			index: this.called.length,
		};
		this.called.push(passOn(withFields(item, call.fields), place));
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
		const order = orderOf(call);
		if (error instanceof RejectedError && !isBudget) {
			this.results.reject(order, item, place, error);
		} else {
			this.results.fail(order, item, place, {
				failure,
				attempts: call.attempt - 1,
				gaveUp: isBudget ? 'retry-budget' : 'deadline',
				remedy: error.remedy,
			});
		}
	}

	/** For the gate: a call need not leave. */
	onEndedBefore({ call, item, place }: Candidate, outcome: EarlierOutcome): void {
		this.ledger.close(call);
		leaveAsBefore(this.results, orderOf(call), item, place, outcome);
	}

	/** Takes in what arrived: new items, and those that came back. */
	private async takeIn(): Promise<void> {
		const source = this.context.getExecuteData().source?.main;
		const arrivals = [INPUT.succeeded, INPUT.failed].map((input): Arrival => {
			return { input, items: itemsAt(this.context, input), source: source?.[input], isOwn: true };
		});
		arrivals.push(...this.turns.takeReturns());
		const fresh = itemsAt(this.context, INPUT.items);
		for (const arrival of [...arrivals, { input: INPUT.items, items: fresh, isOwn: true }]) {
			arrival.items.forEach((item, index) => {
				this.atStake.push({ item, place: placeIn(this.internals, arrival, index) });
			});
		}
		const returned = readReturned(this.context, this.ledger, this.finder, arrivals);
		await this.takeBack(returned);
		if (returned.length > 0) this.turns.wakeHeld();

		for (const [item, original] of fresh.entries()) {
			const order = this.ledger.nextOrder();
			const place = { item, input: INPUT.items };
			if (isTakenForError(this.context, original)) {
				this.results.fail(order, original, place, TAKEN_FOR_ERROR);
				continue;
			}
			const plan = readForItem(this.context, item, this.step.plan, (report) =>
				this.results.fail(order, original, place, report),
			);
			if (!plan) continue;
			const deadline = enclosingDeadline(this.internals, this.finder, source?.[INPUT.items], item);
			const call = this.ledger.open(order, plan, this.services.clock.now(), deadline);
			this.gate.add({ call, item: original, place });
		}
	}

	/** Takes up calls that were held in an earlier run. */
	private takeUp(): void {
		for (const { id, place: stored } of this.turns.held) {
			const call = this.ledger.find(id);
			if (!call) continue;
			const [item, place] = [this.own.at(stored), this.own.placeOf(stored)];
			this.atStake.push({ item, place });
			this.gate.add({ call, item, place, stored });
		}
	}

	private async takeBack(returned: readonly ReturnedItem[]): Promise<void> {
		const byCall = new Map<Call, ReturnedItem[]>();
		for (const back of returned) {
			for (const call of back.calls) {
				const known = byCall.get(call);
				if (known) known.push(back);
				else byCall.set(call, [back]);
			}
		}
		const voided = new Set<Call>();
		// One moment for all, so that what came back together and waits equally long leaves together.
		const now = this.services.clock.now();
		for (const [call, items] of byCall) {
			if (!(await this.endAttempt(call, items, now))) voided.add(call);
		}
		for (const { item, place, failure, calls, order } of returned) {
			const isVoid = calls.length > 0 && calls.every((call) => voided.has(call));
			if (failure === undefined && !isVoid) {
				const degraded = calls.map((call) => call.degraded).find(Boolean);
				this.results.succeed(order, [passOn(markDegraded(item, degraded), place)]);
			}
			// Its call has ended before: a part of an item that was split, say.
			if (failure !== undefined && calls.length === 0)
				this.results.fail(order, item, place, { failure, attempts: 1 });
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
		const { place } = failed ?? items[0]!;
		const stored = call.place!;
		// The item as it left, because nodes may change or lose what they were given.
		const original = this.own.at(stored);
		const { attempt: attempts } = call;
		const verdict = await this.settlement.settle(call, failed?.failure, now);
		switch (verdict.kind) {
			case 'success':
				await rememberResult(
					this.services,
					this.ledger.fallbackOf(call),
					items.map((back) => back.item),
				);
				return await this.endRun(call, items, original, place);
			case 'retry':
				this.gate.add({ call, item: original, place, stored });
				return false;
			case 'failed': {
				const { failure, gaveUp } = verdict;
				await this.settlement.endRun(call, endOfFailure(failure));
				const isReplaced = await this.stoodIn(call, failure, original, place);
				if (!isReplaced)
					this.results.fail(orderOf(call), markDegraded(original, call.degraded), place, {
						failure,
						attempts,
						gaveUp,
					});
				return !verdict.late;
			}
		}
	}

	/**
	 * Keeps what came back for others, where the work is done once.
	 * @returns whether it counts: not when another call has taken over meanwhile.
	 */
	private async endRun(
		call: Call,
		items: readonly ReturnedItem[],
		original: INodeExecutionData,
		place: ItemPlace,
	): Promise<boolean> {
		const runOnce = this.ledger.runOnceOf(call);
		if (!runOnce) return true;
		const { name, options } = runOnce.policy;
		const end = endOfResult(resultOf(items.map(({ item }) => item)), options);
		if (end.state === 'unkept') warnOfUnkept(this.context, end.failure);
		if ((await this.settlement.endRun(call, end)) !== 'taken-over') return true;
		const lost = lostRun({ name, key: call.runKey! });
		const report = { failure: failureOf(lost), attempts: 1, remedy: lost.remedy };
		this.results.fail(orderOf(call), original, place, report);
		return false;
	}

	private async stoodIn(
		call: Call,
		failure: Failure,
		original: INodeExecutionData,
		place: ItemPlace,
	): Promise<boolean> {
		const items = await standIn(
			this.context,
			this.services,
			this.ledger.fallbackOf(call),
			failure,
			original,
			place,
		);
		if (items) this.results.succeed(orderOf(call), items);
		return items !== undefined;
	}

	/**
	 * Lets calls leave, waiting for the first while there is nothing else to do in the whole execution.
	 * @returns when to go on, if that is too long to wait in this process.
	 */
	private async letLeave(): Promise<number | undefined> {
		for (;;) {
			await this.gate.tryAll();
			if (this.gate.isEmpty || this.called.length > 0 || !this.results.isEmpty) return undefined;
			const { nextDueAt, nextDelayEndsAt, isAnyQueued } = this.gate;
			const isLong = nextDueAt - this.services.clock.now() >= LONGEST_WAIT_IN_PROCESS_MS;
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
		const held = (await this.gate.holdAll()).map(({ call: { id }, item, place, stored }) => ({
			id,
			place: stored ?? this.own.keep(item, place),
		}));
		this.ledger.noteLeft(this.internals.runIndex, this.left);
		this.turns.endHeld();
		if (held.length > 0) this.turns.takeWithHeld(held, dueAt);
		return this.handOn();
	}

	/** The user wants to go on after an error: all that this run deals with has failed. */
	private async failAll(error: NodeOperationError): Promise<INodeExecutionData[][]> {
		for (const { call } of await this.gate.holdAll()) this.ledger.close(call);
		await this.settlement.forget(this.left.splice(0));
		this.called.splice(0);
		this.results.takeAll();
		for (const { item, place } of this.atStake)
			this.results.fail(this.ledger.nextOrder(), item, place, reportOfSetting(error));
		this.turns.endHeld();
		return this.handOn();
	}

	/** What leaves in this run; results that leave together are kept until all are there. */
	private handOn(): INodeExecutionData[][] {
		guardUnwiredOutputs(this.context, this.results, OUTPUT.success);
		if (this.leavesTogether) {
			if (this.areAllDone) this.results.add(this.kept.takeAll());
			else this.kept.add(this.results.takeAll());
		}
		if (this.left.length > 0 || !this.kept.isEmpty) this.turns.takeLast();
		return this.own.outputsWith([this.called, ...this.results.takeOutputs()]);
	}

	private get leavesTogether(): boolean {
		const { handOnResults } = readParameters(this.context, 0).options(loopOptions);
		return handOnResults === 'together';
	}

	/** Whether no call is out or held, and nothing can come back any more. */
	private get areAllDone(): boolean {
		return (
			this.ledger.out().length === 0 && !this.turns.isAnyHeldLeft && !this.turns.isAnythingInside
		);
	}
}
