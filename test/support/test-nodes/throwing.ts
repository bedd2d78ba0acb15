import type { INodeExecutionData, INodeType } from 'n8n-workflow';

/** Throws the error of the first item that the given node would send to its error output, as in a sub-workflow. */
export const throwing = (type: INodeType): INodeType => ({
	...type,
	async execute() {
		const outputs = (await type.execute!.call(this)) as INodeExecutionData[][];
		const error = outputs.flat().find(({ json }) => json.error !== undefined)?.json.error;
		if (error === undefined) return outputs;
		throw typeof error === 'string' ? new Error(error) : Object.assign(new Error(), error);
	},
});
