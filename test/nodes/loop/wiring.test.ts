import { ends, guarded, items, sortedEnds } from '../../support/guarded-workflow';
import { defineNode, keep, scripted } from '../../support/test-nodes';
import { runWorkflow } from '../../support/workflow-harness';

const retry = { maxAttempts: 2, delayMs: 1, options: { jitter: 'none' } };

it('refuses to send items nowhere', async () => {
	const run = await runWorkflow(guarded({ step: 'retry', nodes: [], wires: [], items: items(2) }));
	expect(run.status).toBe('error');
	expect(run.error).toMatchObject({
		name: 'NodeOperationError',
		message: 'The output Call leads nowhere',
		description: expect.stringContaining('Wire Call'),
	});
});

it('refuses a setting by which n8n would make up calls', async () => {
	const call = scripted({ 1: ['fail'] });
	const run = await runWorkflow(
		guarded({
			step: 'retry',
			parameters: retry,
			stepNode: { alwaysOutputData: true },
			call: call.type,
			items: items(2),
		}),
	);
	expect(run.status).toBe('error');
	expect(run.error).toMatchObject({
		message: 'The setting "Always Output Data" is on',
		description: expect.stringContaining('Switch it off'),
	});
	expect(call.calls).toEqual([]);
});

it('lets a node that joins Success and Failed wait for what is still tried again', async () => {
	const join = defineNode(
		'join',
		function () {
			const arrived = [0, 1].map((input) => this.getInputData(input) ?? []);
			return [
				arrived.flatMap((list, input) =>
					list.map((item, index) => ({
						...keep(item, index),
						pairedItem: { item: index, input },
					})),
				),
			];
		},
		{ inputs: ['main', 'main'], requiredInputs: 1 },
	);
	const base = guarded({
		step: 'retry',
		parameters: retry,
		call: scripted({ 1: ['fail'] }).type,
		items: items(3),
		nodeTypes: { join },
	});
	const run = await runWorkflow({
		...base,
		nodes: [...base.nodes, { name: 'Join', type: 'join' }],
		connections: [
			...(base.connections as string[]),
			'Step.Success -> Join.0',
			'Step.Failed -> Join.1',
		],
	});
	expect(run.status).toBe('success');
	expect(sortedEnds(run)).toEqual({ good: [2, 3], bad: [1], rejected: [] });
	expect(run.runCount('Join')).toBe(1);
	expect(run.lastOutput('Join')).toHaveLength(3);
	expect(ends(run).bad).toEqual([1]);
});
