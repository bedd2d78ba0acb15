import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

type Execute = (
	this: IExecuteFunctions,
	items: INodeExecutionData[],
) => Promise<INodeExecutionData[][] | null> | INodeExecutionData[][] | null;

/** A node with one input, which is handed to `execute`, and as many outputs as named. */
export function defineNode(
	name: string,
	execute: Execute,
	description: Partial<INodeTypeDescription> = {},
): INodeType {
	return {
		description: {
			displayName: name,
			name,
			group: ['transform'],
			version: 1,
			description: 'Only for tests',
			defaults: { name },
			inputs: ['main'],
			outputs: ['main'],
			properties: [],
			...description,
		},
		async execute() {
			return await execute.call(this, this.getInputData());
		},
	};
}

export function property(name: string, type: INodeProperties['type'] = 'string'): INodeProperties {
	return { displayName: name, name, type, default: '' };
}

/** The item as it came, paired with its place in the input. */
export function keep({ json, binary }: INodeExecutionData, index: number): INodeExecutionData {
	return { json, ...(binary && { binary }), pairedItem: { item: index } };
}

/** An item as it leaves a node that caught its error: on the error output n8n adds the input's json. */
export function failed(error: string | IDataObject, index: number): INodeExecutionData {
	return { json: { error }, pairedItem: { item: index } };
}
