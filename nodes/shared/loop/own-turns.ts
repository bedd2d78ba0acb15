import type {
	IExecuteData,
	IExecuteFunctions,
	INodeExecutionData,
	ISourceData,
	ITaskMetadata,
} from 'n8n-workflow';

import { internalsOf, isInputConnected, type Internals } from '../n8n/internals';
import { HELD_OUTPUT, INPUT } from '../ports';
import { ledgerDataOf } from './call-ledger';

/** What a turn that a step gave itself carries with it. */
export interface Turn {
	/** Order of making: a turn made later belongs to a step further in, and comes first. */
	readonly order: number;
	/** Calls whose items the turn brings back, in the order of the items. */
	readonly held?: readonly string[];
	/** Suspends the execution until then (ms since the epoch); the turn behind it goes on. */
	readonly waitUntil?: number;
}

interface TurnMetadata extends ITaskMetadata {
	bulwark?: Turn;
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
	private readonly name: string;

	constructor(private readonly context: IExecuteFunctions) {
		this.internals = internalsOf(context);
		this.name = context.getNode().name;
	}

	/** The turn that this run is, or undefined when something arrived. */
	get current(): Turn | undefined {
		return (this.internals.executeData.metadata as TurnMetadata | undefined)?.bulwark;
	}

	/** Makes sure that the step gets a turn when nothing else is left to do. Needed only where its loop is wired. */
	takeLast(): void {
		const wired = [INPUT.succeeded, INPUT.failed].some((input) =>
			isInputConnected(this.internals, this.name, input),
		);
		if (wired && !this.isAnyLeft()) this.push({ order: this.nextOrder() }, [{ json: {} }], null);
	}

	/** Takes a turn with items that are held: they must stand in this run's held output, in the same order. */
	takeWithHeld(held: readonly string[], items: INodeExecutionData[]): void {
		const source = {
			previousNode: this.name,
			previousNodeOutput: HELD_OUTPUT,
			previousNodeRun: this.internals.runIndex,
		};
		this.push({ order: this.nextOrder(), held }, items, { main: [source] });
	}

	/** Suspends the execution until `waitUntil`, then runs this turn again. */
	suspend(waitUntil: number): void {
		this.push({ order: this.nextOrder(), waitUntil }, [{ json: {} }], null);
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
	 * Whether everything else is done. If not, lets one thing that waits go on and takes the turn again later: the
	 * run must then end with nothing.
	 */
	isDrained(): boolean {
		const { nodeExecutionStack } = this.internals.executionData;
		if (
			this.flushOwnInputs() ||
			nodeExecutionStack.some((entry) => !turnOf(entry)) ||
			this.flushOneOther()
		) {
			this.again();
			return false;
		}
		const order = this.current!.order;
		if (nodeExecutionStack.some((entry) => (turnOf(entry)?.order ?? -1) > order)) {
			this.again();
			return false;
		}
		return true;
	}

	/**
	 * Moves what waits at the step's own inputs to the front of the stack. Done at the start of every run, too,
	 * because n8n numbers waiting inputs by their count and would overwrite one when an earlier one is gone.
	 * @returns whether there was anything.
	 */
	flushOwnInputs(): boolean {
		const { waitingExecution, waitingExecutionSource, nodeExecutionStack } =
			this.internals.executionData;
		const waiting = waitingExecution[this.name] ?? {};
		const sources = waitingExecutionSource?.[this.name] ?? {};
		const numbers = Object.keys(waiting)
			.map(Number)
			.sort((a, b) => a - b);
		const entries = numbers.map((number) =>
			this.entry(this.context.getNode(), waiting[number]!, sources[number]),
		);
		delete waitingExecution[this.name];
		if (waitingExecutionSource) delete waitingExecutionSource[this.name];
		nodeExecutionStack.unshift(...entries);
		return entries.length > 0;
	}

	/** Does n8n's own work of running a node that waits for inputs it will not get, breaking ties between steps. */
	private flushOneOther(): boolean {
		const { workflow, executionData } = this.internals;
		const { waitingExecution, waitingExecutionSource, nodeExecutionStack } = executionData;
		const names = Object.keys(waitingExecution).filter(
			(name) => Object.keys(waitingExecution[name]!).length > 0 && this.mayRunIncomplete(name),
		);
		const isStep = (name: string) => ledgerDataOf(executionData, name) !== undefined;
		const chosen =
			names.find(
				(name) => !workflow.getParentNodes(name).some((parent) => names.includes(parent)),
			) ??
			names.find(isStep) ??
			names[0];
		if (chosen === undefined) return false;

		const [number] = Object.keys(waitingExecution[chosen]!)
			.map(Number)
			.sort((a, b) => a - b);
		const node = workflow.getNode(chosen)!;
		const entry = this.entry(
			node,
			waitingExecution[chosen]![number!]!,
			waitingExecutionSource?.[chosen]?.[number!],
		);
		delete waitingExecution[chosen]![number!];
		delete waitingExecutionSource?.[chosen]?.[number!];
		if (Object.keys(waitingExecution[chosen]!).length === 0) {
			delete waitingExecution[chosen];
			delete waitingExecutionSource?.[chosen];
		}
		nodeExecutionStack.unshift(entry);
		return true;
	}

	private mayRunIncomplete(name: string): boolean {
		const { workflow } = this.internals;
		const node = workflow.getNode(name);
		if (!node) return false;
		const { requiredInputs, inputs } = workflow.nodeTypes.getByNameAndVersion(
			node.type,
			node.typeVersion,
		).description;
		return requiredInputs !== undefined && requiredInputs !== inputs.length;
	}

	private entry(
		node: IExecuteData['node'],
		{ main }: { main?: Array<INodeExecutionData[] | null> },
		source: IExecuteData['source'] | undefined,
	): IExecuteData {
		return {
			node,
			data: { main: (main ?? []).map((items) => items ?? []) },
			source: source ?? null,
		};
	}

	private again(): void {
		const { executeData, executionData } = this.internals;
		executionData.nodeExecutionStack.push({ ...executeData, node: this.context.getNode() });
	}

	private push(
		turn: Turn,
		items: INodeExecutionData[],
		source: { main: ISourceData[] } | null,
	): void {
		const metadata: TurnMetadata = { nodeWasResumed: true, bulwark: turn };
		this.internals.executionData.nodeExecutionStack.push({
			// A copy: n8n disables the node of an entry when the execution resumes from a wait.
			node: this.context.getNode(),
			data: { main: [items, [], []] },
			source,
			metadata,
		});
	}

	private isAnyLeft(): boolean {
		return this.internals.executionData.nodeExecutionStack.some(
			(entry) => turnOf(entry) !== undefined && entry.node.name === this.name,
		);
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
