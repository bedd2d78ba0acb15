import type { NodeHint } from 'n8n-workflow';

/** What n8n says below a step while its settings cannot do what the user may expect. */
export const stepHints: NodeHint[] = [
	{
		type: 'warning',
		location: 'ndv',
		whenToDisplay: 'beforeExecution',
		displayCondition: "={{ $parameter.mode === 'subWorkflow' && !$parameter.workflowId?.value }}",
		message: 'Choose the workflow to guard, or guard the nodes between.',
	},
];
