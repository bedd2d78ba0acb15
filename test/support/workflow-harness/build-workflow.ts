import {
	createRunExecutionData,
	NodeHelpers,
	Workflow,
	type IConnections,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type INodeTypes,
	type IRunExecutionData,
} from 'n8n-workflow';

import { roundTrip } from '../round-trip';
import { connect } from '../wiring';
import type { NodeTypesByName, RunOptions, WorkflowDefinition } from './definition';

type JsonItem = IDataObject & { json?: never };

function nodeTypesOf(types: NodeTypesByName): INodeTypes {
	const find = (name: string) => {
		const type = types[name];
		if (!type) throw new Error(`No node type "${name}" was given to the harness`);
		return type;
	};
	return {
		getByName: find,
		getByNameAndVersion: (name, version) => NodeHelpers.getVersionedNodeType(find(name), version),
		getKnownTypes: () => ({}),
	};
}

/** The workflow as n8n would load it. */
export function buildWorkflow(
	definition: WorkflowDefinition,
	id: string,
	types: NodeTypesByName,
): Workflow {
	const nodeTypes = nodeTypesOf(types);
	const nodes = roundTrip(definition.nodes).map((node, index): INode => ({
		id: `${id}-${index}`,
		typeVersion: 1,
		position: [index * 200, 0],
		parameters: {},
		...node,
	}));
	const build = (connections: IConnections) =>
		new Workflow({
			id,
			name: id,
			nodes,
			connections,
			active: true,
			nodeTypes,
			settings: { executionOrder: 'v1', ...definition.settings },
		});
	const { connections } = definition;
	return build(
		Array.isArray(connections)
			? connect(build({}), connections as readonly string[])
			: (connections as IConnections),
	);
}

/** The node that an execution begins at. */
export function startNodeOf(
	workflow: Workflow,
	{ startNode, nodes }: WorkflowDefinition & { startNode?: string },
): INode {
	const trigger = nodes.find(({ type }) => /(executeWorkflow|manual)?Trigger$/i.test(type));
	const name = startNode ?? trigger?.name ?? nodes[0]?.name ?? '';
	const node = workflow.getNode(name);
	if (!node) throw new Error(`No node "${name}" to start from`);
	return node;
}

/** What an execution begins with. */
export function itemsOf({ items = [{}] }: Pick<RunOptions, 'items'>): INodeExecutionData[] {
	return roundTrip(items).map((item) => (isItem(item) ? item : { json: item as IDataObject }));
}

function isItem(item: INodeExecutionData | JsonItem | IDataObject): item is INodeExecutionData {
	return typeof item.json === 'object' && item.json !== null;
}

/** An execution that has not begun. */
export function initialData(workflow: Workflow, options: RunOptions): IRunExecutionData {
	return createRunExecutionData({
		resultData: { pinData: options.pinData },
		executionData: {
			nodeExecutionStack: [
				{ node: startNodeOf(workflow, options), data: { main: [itemsOf(options)] }, source: null },
			],
		},
	});
}
