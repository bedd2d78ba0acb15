import type { IExecuteData, IExecuteFunctions, ITaskMetadata } from 'n8n-workflow';

import { ledgerDataOf } from '../ledger/ledger-data';
import type { OwnPlace } from '../lineage/own-items';
import { internalsOf, type Internals } from '../internals';
import { HELD_OUTPUT, INPUT } from '../ports';
import type { Arrival } from './arrival';
import { isInside, protectedBy } from './nesting';
import { DUE_LAST, isNext, type StepTurn, type Turn } from './turn-order';
import { WaitingInputs } from './waiting-inputs';

interface TurnMetadata extends ITaskMetadata {
	bulwark?: Turn;
}

/** A call that waits, and where its item stands in the step's own run data. */
export interface HeldCall {
	readonly id: string;
	readonly place: OwnPlace;
}

/**
 * Lets a step take a turn of its own after everything else in the execution is done.
 *
 * n8n runs a node when something arrives at it. That is not enough for a loop: items that wait for their turn must
 * go on even when the protected nodes dropped the others, and n8n never runs two steps of which one guards the
 * other when results wait at both (each is the other's parent, so neither is run and their items are lost). So a
 * step puts an entry of its own at the end of n8n's stack. n8n looks at waiting inputs only when the stack is empty;
 * as long as a turn is there, the turn does that work.
 */
export class OwnTurns {
	private readonly internals: Internals;
	private readonly waiting: WaitingInputs;
	private readonly name: string;
	/** By the turn that takes them up; kept in n8n's node context, of which there is one for all runs. */
	private readonly heldByTurn: Record<string, readonly HeldCall[]>;

	constructor(private readonly context: IExecuteFunctions) {
		this.internals = internalsOf(context);
		this.waiting = new WaitingInputs(this.internals, context.getMode());
		this.name = context.getNode().name;
		const stored = context.getContext('node');
		stored.bulwarkHeld ??= {};
		this.heldByTurn = stored.bulwarkHeld as Record<string, readonly HeldCall[]>;
	}

	/** The turn that this run is, or undefined when something arrived. */
	get current(): Turn | undefined {
		return (this.internals.executeData.metadata as TurnMetadata | undefined)?.bulwark;
	}

	/** The calls that this turn takes up. */
	get held(): readonly HeldCall[] {
		return this.heldByTurn[this.current?.order ?? ''] ?? [];
	}

	/** Calls of this turn that still wait are in another one now. */
	endHeld(): void {
		delete this.heldByTurn[this.current?.order ?? ''];
	}

	/** Whether a turn with calls to take up is still to come. */
	get isAnyHeldLeft(): boolean {
		return this.others.some(({ step, turn }) => step === this.name && turn.hasHeld);
	}

	/** Makes sure that the step gets a turn when nothing else is left to do. */
	takeLast(): void {
		if (!this.others.some(({ step }) => step === this.name)) this.push({ order: this.nextOrder() });
	}

	/** Takes a turn with calls that are held. */
	takeWithHeld(held: readonly HeldCall[], dueAt: number): void {
		const order = this.nextOrder();
		this.heldByTurn[order] = held;
		this.push({ order, hasHeld: true, dueAt });
	}

	/** Something was set free that this step's held calls may have been waiting for. */
	wakeHeld(): void {
		for (const { node, metadata } of this.internals.executionData.nodeExecutionStack) {
			const own = node.name === this.name ? (metadata as TurnMetadata | undefined) : undefined;
			if (own?.bulwark?.dueAt === DUE_LAST) own.bulwark = { ...own.bulwark, dueAt: 0 };
		}
	}

	/** Suspends the execution until `waitUntil`, then runs this turn again. */
	suspend(waitUntil: number): void {
		this.push({ order: this.nextOrder(), waitUntil });
		this.again();
	}

	/** Makes n8n put the execution to wait; called in a turn that has `waitUntil`. */
	async wait(waitUntil: number): Promise<void> {
		const { executeData } = this.internals;
		// n8n disables the node that waits and passes its inputs on when it resumes: it must be a copy with nothing in.
		(executeData as { node: unknown }).node = this.context.getNode();
		executeData.data.main = [[], [], [], []];
		this.context.setMetadata({ forwardAllOutputs: true } as ITaskMetadata);
		await this.context.putExecutionToWait(new Date(waitUntil));
	}

	/**
	 * Whether everything else is done, so that this turn may do its work. If not, lets one thing that waits go on and
	 * takes the turn again later: the run must then end with nothing.
	 */
	isDrained(): boolean {
		const { workflow, executionData } = this.internals;
		const mine = { step: this.name, turn: this.current! };
		const isDrained =
			!this.flushOwnInputs() &&
			executionData.nodeExecutionStack.every(turnOf) &&
			!this.waiting.flushOne(protectedBy(workflow, this.name)) &&
			!this.hasAnythingComeBackToOthers &&
			isNext(workflow, mine, this.others) &&
			(this.isAnythingToCome || !this.waiting.flushOne());
		if (!isDrained) this.again();
		return isDrained;
	}

	/**
	 * Whether another step has a turn to take in what came back to it. That may wake calls which go on before this turn,
	 * and it must not lie there while this turn waits for long.
	 */
	private get hasAnythingComeBackToOthers(): boolean {
		const { waitingExecution } = this.internals.executionData;
		return this.others.some(({ step }) => step !== this.name && step in waitingExecution);
	}

	/** Whether items are still to come: what waits for them behind the steps must not go on without them. */
	private get isAnythingToCome(): boolean {
		const mine = { step: this.name, turn: this.current! };
		return [mine, ...this.others].some((turn) => this.bringsItems(turn));
	}

	private bringsItems({ step, turn }: StepTurn): boolean {
		const kept = ledgerDataOf(this.internals.executionData, step)?.kept ?? [];
		return turn.hasHeld === true || kept.length > 0;
	}

	/** Whether something is at work among the protected nodes that may still come back. */
	get isAnythingInside(): boolean {
		// A turn does its work when all is done but other turns; what still waits for its inputs waits in vain.
		if (this.current) return this.isStepInsideAtWork;
		const { workflow, executionData } = this.internals;
		const inside = protectedBy(workflow, this.name);
		const atWork = executionData.nodeExecutionStack.map(({ node }) => node.name);
		return [...atWork, ...Object.keys(executionData.waitingExecution)].some((name) =>
			inside.has(name),
		);
	}

	/** Whether a step among the protected nodes has calls to take up: what this one misses may still come back. */
	get isStepInsideAtWork(): boolean {
		return this.others.some(({ step }) => isInside(this.internals.workflow, step, this.name));
	}

	/** Whether this run is all that is left to do, apart from turns that bring nothing back. */
	get isNothingElseToDo(): boolean {
		const { nodeExecutionStack, waitingExecution } = this.internals.executionData;
		return (
			Object.keys(waitingExecution).length === 0 &&
			nodeExecutionStack.every(turnOf) &&
			!this.others.some((turn) => this.bringsItems(turn))
		);
	}

	/**
	 * Takes what came back to the step and would be handed to it in its next runs, so that all parts of an attempt are
	 * judged together. Done at the start of every run, also because n8n numbers waiting inputs by their count and would
	 * overwrite one when an earlier one is gone.
	 */
	takeReturns(): Arrival[] {
		this.flushOwnInputs();
		const { nodeExecutionStack } = this.internals.executionData;
		const arrivals: Arrival[] = [];
		for (const entry of [...nodeExecutionStack]) {
			if (entry.node.name !== this.name || turnOf(entry)) continue;
			const { main = [] } = entry.data;
			for (const input of [INPUT.succeeded, INPUT.failed]) {
				const items = main[input] ?? [];
				if (items.length > 0)
					arrivals.push({ input, items, source: entry.source?.main?.[input], isOwn: false });
				if (main[input]) main[input] = [];
			}
			const isEmpty = (main[INPUT.items] ?? []).length === 0;
			if (isEmpty) nodeExecutionStack.splice(nodeExecutionStack.indexOf(entry), 1);
		}
		return arrivals;
	}

	private flushOwnInputs(): boolean {
		return this.waiting.flushAll(this.context.getNode());
	}

	private get others(): StepTurn[] {
		return this.internals.executionData.nodeExecutionStack.flatMap((entry) => {
			const turn = turnOf(entry);
			return turn ? [{ step: entry.node.name, turn }] : [];
		});
	}

	private again(): void {
		const { executeData, executionData } = this.internals;
		executionData.nodeExecutionStack.push({ ...executeData, node: this.context.getNode() });
	}

	private push(turn: Turn): void {
		const metadata: TurnMetadata = { nodeWasResumed: true, bulwark: turn };
		const source = {
			previousNode: this.name,
			previousNodeOutput: HELD_OUTPUT,
			previousNodeRun: this.internals.runIndex,
		};
		this.internals.executionData.nodeExecutionStack.push({
			// A copy: n8n disables the node of an entry when the execution resumes from a wait.
			node: this.context.getNode(),
			// n8n runs no node without items, and follows none without a source.
			data: { main: [[{ json: {} }], [], []] },
			source: { main: [source] },
			metadata,
		});
	}

	private nextOrder(): number {
		const orders = this.internals.executionData.nodeExecutionStack.map(
			(entry) => turnOf(entry)?.order ?? 0,
		);
		return Math.max(this.current?.order ?? 0, ...orders, 0) + 1;
	}
}

const turnOf = (entry: IExecuteData): Turn | undefined =>
	(entry.metadata as TurnMetadata | undefined)?.bulwark;
