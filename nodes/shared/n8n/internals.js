import { NodeOperationError, } from 'n8n-workflow';
/**
 * Reads the internals off a context.
 * @throws {NodeOperationError} when this n8n does not have them.
 */
export function internalsOf(context) {
    const found = context;
    const { workflow, runExecutionData, additionalData, runIndex } = found;
    if (!workflow || !runExecutionData?.executionData || !additionalData || runIndex === undefined) {
        throw new NodeOperationError(context.getNode(), 'This version of n8n does not let a step follow its items', {
            description: 'Bulwark needs n8n 2.41 or later. Update n8n, or guard a sub-workflow instead of the nodes between',
        });
    }
    return {
        workflow,
        runExecutionData,
        executionData: runExecutionData.executionData,
        additionalData,
        runIndex,
        executeData: context.getExecuteData(),
    };
}
/** Where an output of a node leads to; none means that what goes there is lost. */
export function isOutputConnected({ workflow }, nodeName, output) {
    return (workflow.connectionsBySourceNode[nodeName]?.main?.[output] ?? []).length > 0;
}
/** Whether anything leads into an input of a node. */
export function isInputConnected({ workflow }, nodeName, input) {
    return (workflow.connectionsByDestinationNode[nodeName]?.main?.[input] ?? []).length > 0;
}
