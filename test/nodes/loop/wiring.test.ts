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

it('refuses to lose what it sends out', async () => {
	const call = scripted({});
	const run = await runWorkflow(
		guarded({
			step: 'circuitBreaker',
			nodes: [{ name: 'Call', type: 'call' }],
			wires: ['Step.Call -> Call'],
			call: call.type,
			items: items(2),
		}),
	);
	expect(run.status).toBe('error');
	expect(run.error).toMatchObject({
		name: 'NodeOperationError',
		message: 'Nothing comes back into Succeeded or Failed',
		description: expect.stringContaining('Wire Call'),
	});
	expect(call.calls).toEqual([]);
});

it.each([
	['Failed', 'Call -> Step.Succeeded', 'sees no failures'],
	['Succeeded', 'Call.1 -> Step.Failed', 'do not leave this step'],
])('points out that nothing is wired into %s', async (input, wire, consequence) => {
	const run = await runWorkflow(
		guarded({
			step: 'retry',
			nodes: [{ name: 'Call', type: 'call', onError: 'continueErrorOutput' }],
			wires: ['Step.Call -> Call', wire],
			call: scripted({}).type,
			items: items(2),
		}),
	);
	expect(run.status).toBe('success');
	const hints = run.runData.Step![0]!.hints ?? [];
	expect(hints).toMatchObject([{ type: 'warning', location: 'outputPane' }]);
	expect(hints[0]!.message).toContain(`Nothing is wired into ${input}`);
	expect(hints[0]!.message).toContain(consequence);
});

it('points nothing out when all is wired', async () => {
	const run = await runWorkflow(guarded({ step: 'retry', items: items(2) }));
	expect(run.runData.Step!.flatMap(({ hints }) => hints ?? [])).toEqual([]);
});

describe("a setting of n8n's own that would upset a step", () => {
	const settings = [
		['Always Output Data', { alwaysOutputData: true }],
		['Execute Once', { executeOnce: true }],
		['Retry On Fail', { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 }],
	] as const;

	it.each(settings)('%s: is refused', async (name, stepNode) => {
		const call = scripted({ 1: ['fail'] });
		const run = await runWorkflow(
			guarded({ step: 'retry', parameters: retry, stepNode, call: call.type, items: items(2) }),
		);
		expect(run.status).toBe('error');
		expect(run.error).toMatchObject({
			message: `The setting "${name}" is on`,
			description: expect.stringContaining('Switch it off'),
		});
		expect(call.calls).toEqual([]);
	});

	it.each(
		settings.flatMap(([name, stepNode]) =>
			(['continueRegularOutput', 'continueErrorOutput'] as const).map(
				(onError) => [name, onError, stepNode] as const,
			),
		),
	)('%s: fails all items with %s, without a call', async (name, onError, stepNode) => {
		const call = scripted({});
		const run = await runWorkflow(
			guarded({
				step: 'retry',
				stepNode: { ...stepNode, onError },
				call: call.type,
				items: [{ id: 1, error: 'of its own' }, { id: 2 }],
			}),
		);
		expect(run.status).toBe('success');
		expect(ends(run)).toEqual({ good: [], bad: [1, 2], rejected: [] });
		expect(run.json('Bad')[0]).toMatchObject({
			error: { message: `The setting "${name}" is on`, attempts: 0 },
		});
		expect(call.calls).toEqual([]);
	});
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
