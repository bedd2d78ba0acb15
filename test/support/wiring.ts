import {
	NodeHelpers,
	type IConnections,
	type INodeInputConfiguration,
	type INodeOutputConfiguration,
	type Workflow,
} from 'n8n-workflow';

type Port = string | INodeInputConfiguration | INodeOutputConfiguration;

/**
 * Makes n8n connections of wires such as `Start -> Retry.Items` or `Call.Error -> Retry.Failed`.
 * A port is a name as the canvas shows it, or an index; without one it is the first.
 */
export function connect(workflow: Workflow, wires: readonly string[]): IConnections {
	const connections: IConnections = {};
	for (const wire of wires) {
		const ends = wire.split('->');
		const [from, to] = ends.map((end) => end.trim());
		if (ends.length !== 2 || !from || !to) throw new Error(`Not a wire: "${wire}"`);
		const source = findPort(workflow, from, 'outputs');
		const target = findPort(workflow, to, 'inputs');
		const outputs = ((connections[source.node] ??= { main: [] }).main ??= []);
		while (outputs.length <= source.index) outputs.push([]);
		outputs[source.index]?.push({ node: target.node, type: 'main', index: target.index });
	}
	return connections;
}

function findPort(workflow: Workflow, end: string, side: 'inputs' | 'outputs') {
	if (workflow.getNode(end)) return { node: end, index: 0 };
	const dot = end.lastIndexOf('.');
	const name = end.slice(0, dot);
	const port = end.slice(dot + 1);
	const node = dot > 0 ? workflow.getNode(name) : null;
	if (!node) throw new Error(`No node for "${end}"`);
	if (/^\d+$/.test(port)) return { node: name, index: Number(port) };
	const { description } = workflow.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
	const ports: Port[] =
		side === 'inputs'
			? NodeHelpers.getNodeInputs(workflow, node, description)
			: NodeHelpers.getNodeOutputs(workflow, node, description);
	const names = ports.map((each, index) =>
		portName(each, index, description[`${side.slice(0, -1)}Names` as 'inputNames' | 'outputNames']),
	);
	const index = names.indexOf(port);
	if (index < 0) throw new Error(`${name} has no port "${port}", only ${names.join(', ')}`);
	return { node: name, index };
}

function portName(port: Port, index: number, names: string[] = []): string {
	return (typeof port === 'object' ? port.displayName : undefined) ?? names[index] ?? `${index}`;
}
