import type {
	IExecuteData,
	INode,
	INodeExecutionData,
	Workflow,
	WorkflowExecuteMode,
} from 'n8n-workflow';

import { ledgerDataOf } from '../ledger/ledger-data';
import type { Internals } from '../internals';

type Arrived = Array<INodeExecutionData[] | null>;

/**
 * What has arrived at nodes with several inputs that wait for the rest. n8n hands it on only when nothing else is
 * left to do; while a step has a turn of its own to come, the turn does it.
 */
export class WaitingInputs {
	constructor(
		private readonly internals: Internals,
		private readonly mode: WorkflowExecuteMode,
	) {}

	/**
	 * Moves all that waits at a node to the front of n8n's stack.
	 * @param node - a copy: n8n disables the node of an entry when the execution resumes from a wait.
	 * @returns whether there was anything.
	 */
	flushAll(node: INode): boolean {
		const entries = this.numbersOf(node.name).map((number) => this.take(node, number));
		this.internals.executionData.nodeExecutionStack.unshift(...entries);
		return entries.length > 0;
	}

	/**
	 * Runs one node that waits for inputs it will not get, as n8n does, but breaks ties between steps.
	 * @param among - the nodes that come into question; all of them when left out.
	 */
	flushOne(among?: ReadonlySet<string>): boolean {
		const { workflow, executionData } = this.internals;
		const names = Object.keys(executionData.waitingExecution).filter(
			(name) => (among?.has(name) ?? true) && this.mayRunIncomplete(name),
		);
		const isStep = (name: string) => ledgerDataOf(executionData, name) !== undefined;
		const chosen =
			names.find((name) => !isBelowAny(workflow, name, names)) ?? names.find(isStep) ?? names[0];
		if (chosen === undefined) return false;

		const [number] = this.numbersOf(chosen);
		executionData.nodeExecutionStack.unshift(this.take(workflow.getNode(chosen)!, number!));
		return true;
	}

	/** n8n's rule: a node that needs all of its inputs, or certain ones, does not run without them. */
	private mayRunIncomplete(name: string): boolean {
		const { workflow, executionData } = this.internals;
		const node = workflow.getNode(name);
		const [number] = this.numbersOf(name);
		if (!node || number === undefined) return false;
		const { description } = workflow.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
		const { inputs, requiredInputs } = description;
		const required =
			typeof requiredInputs === 'string'
				? (workflow.expression.getSimpleParameterValue(
						node,
						requiredInputs,
						this.mode,
						{ $version: node.typeVersion },
						undefined,
						[],
					) as number[] | number | undefined)
				: requiredInputs;
		if (required === undefined) return true;
		if ((Array.isArray(required) ? required.length : required) === inputs.length) return false;

		const arrived: Arrived = executionData.waitingExecution[name]![number]!.main ?? [];
		const filled = arrived.flatMap((items, input) => (items ? [input] : []));
		return Array.isArray(required)
			? required.every((input) => filled.includes(input))
			: filled.length >= required;
	}

	/** Numbers of the entries that wait at a node, oldest first. */
	private numbersOf(name: string): number[] {
		return Object.keys(this.internals.executionData.waitingExecution[name] ?? {})
			.map(Number)
			.sort((a, b) => a - b);
	}

	/** Takes one entry out of those that wait. */
	private take(node: INode, number: number): IExecuteData {
		const { waitingExecution, waitingExecutionSource } = this.internals.executionData;
		const { name } = node;
		const arrived: Arrived = waitingExecution[name]![number]!.main ?? [];
		const source = waitingExecutionSource?.[name]?.[number] ?? null;
		delete waitingExecution[name]![number];
		delete waitingExecutionSource?.[name]?.[number];
		if (Object.keys(waitingExecution[name]!).length === 0) {
			delete waitingExecution[name];
			delete waitingExecutionSource?.[name];
		}
		return { node, data: { main: arrived.map((items) => items ?? []) }, source };
	}
}

const isBelowAny = (workflow: Workflow, name: string, names: readonly string[]): boolean =>
	workflow.getParentNodes(name).some((parent) => names.includes(parent));
