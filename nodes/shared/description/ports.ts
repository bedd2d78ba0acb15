import type { ExpressionString } from 'n8n-workflow';

/**
 * Named connectors, as many as the mode has. Kept short: n8n takes the length of the expression itself for the number
 * of inputs and fills up each run to it.
 */
const connectors = (names: readonly string[], when: string): ExpressionString =>
	`={{${JSON.stringify(names)}.${when}.map(displayName=>({type:'main',displayName}))}}`;

/** Guarding nodes between, a step takes back what they made of its items; guarding a sub-workflow, it needs not. */
export const stepInputs = connectors(
	['Items', 'Succeeded', 'Failed'],
	"slice(0,$parameter.mode=='subWorkflow'?1:3)",
);

export const stepOutputs = connectors(
	['Call', 'Success', 'Failed', 'Rejected'],
	"slice($parameter.mode=='subWorkflow'?1:0)",
);
