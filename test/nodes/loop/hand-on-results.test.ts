import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';

import {
	ends,
	errorsAt,
	guarded,
	items,
	newWorkflowId,
	type Guarded,
	type StepType,
} from '../../support/guarded-workflow';
import { leasesKept, setAheadTo, setBack } from '../../support/process-state';
import {
	batches,
	defineNode,
	dropper,
	gated,
	keep,
	merger,
	pairingLoser,
	reorderer,
	scripted,
	splitter,
	type Plan,
} from '../../support/test-nodes';
import { runWorkflow, startWorkflow, type FinishedWorkflow } from '../../support/workflow-harness';

const together = (step: StepType, parameters: INodeParameters = {}, rest: Partial<Guarded> = {}) =>
	guarded({ step, parameters: { ...parameters, handOnResults: 'together' }, ...rest });

const retrySettings = { maxAttempts: 3, delayMs: 1, options: { jitter: 'none' } };

/** How often anything left the step for good. */
const timesLeft = (run: FinishedWorkflow): number =>
	(run.runData.Step ?? []).filter(({ data }) =>
		(data!.main as INodeExecutionData[][]).slice(1, 4).some((list) => (list ?? []).length > 0),
	).length;

/** All left at once, in the order in which they came. */
function expectTogether(run: FinishedWorkflow, left: Partial<ReturnType<typeof ends>>): void {
	expect(run.error).toBeUndefined();
	expect(ends(run)).toEqual({ good: [], bad: [], rejected: [], ...left });
	expect(timesLeft(run)).toBe(1);
	expect(leasesKept()).toBe(0);
}

const plan: Plan = { 1: ['fail', 'fail', 'ok'], 3: ['fail', 'ok'], 4: ['fail'] };

afterEach(setBack);

describe('results that leave all together', () => {
	it.each<[StepType, INodeParameters]>([
		['retry', retrySettings],
		['circuitBreaker', { minimumNumberOfCalls: 100 }],
		['rateLimiter', { limit: 2, periodMs: 20 }],
		['bulkhead', { maxConcurrentCalls: 2 }],
		['timeout', {}],
		['fallback', { alternatives: { alternative: [{ type: 'static', value: '{"id": 9}' }] } }],
		[
			'resiliencePipeline',
			{
				useBulkhead: true,
				bulkhead: { maxConcurrentCalls: 2 },
				retry: { maxAttempts: 3, delayMs: 1, jitter: 'none' },
				useCircuitBreaker: false,
			},
		],
	])('%s: in the order in which the items came, whatever each went through', async (step, more) => {
		const isTriedAgain = step === 'retry' || step === 'resiliencePipeline';
		const failing: Plan = isTriedAgain ? plan : { 4: ['fail'] };
		const run = await runWorkflow(
			together(step, more, { call: scripted(failing).type, items: items(6) }),
		);
		if (step === 'fallback') {
			expect(run.json('Good').map(({ id }) => id)).toEqual([1, 2, 3, 9, 5, 6]);
			expect(timesLeft(run)).toBe(1);
		} else expectTogether(run, { good: [1, 2, 3, 5, 6], bad: [4] });
	});

	it('rejected ones, too', async () => {
		const run = await runWorkflow(
			together(
				'rateLimiter',
				{ limit: 2, periodMs: 60_000, whenLimited: 'reject' },
				{ items: items(5) },
			),
		);
		expectTogether(run, { good: [1, 2], rejected: [3, 4, 5] });
	});

	it('in their place among the failed ones, where Rejected is not wired', async () => {
		const run = await runWorkflow(
			together(
				'bulkhead',
				{ maxConcurrentCalls: 3, options: { maxQueueSize: 0 } },
				{ call: scripted({ 2: ['fail'] }).type, items: items(5), unwired: ['Rejected'] },
			),
		);
		expectTogether(run, { good: [1, 3], bad: [2, 4, 5] });
	});

	it('when what succeeds does not come back', async () => {
		const run = await runWorkflow(
			together(
				'rateLimiter',
				{ limit: 2, periodMs: 60_000, whenLimited: 'reject' },
				{
					nodes: [{ name: 'Call', type: 'call', onError: 'continueErrorOutput' }],
					wires: ['Step.Call -> Call', 'Call.1 -> Step.Failed'],
					items: items(3),
				},
			),
		);
		expectTogether(run, { rejected: [3] });
	});

	const between = (type: ReturnType<typeof splitter>, rest: Partial<Guarded> = {}) =>
		together('retry', retrySettings, {
			nodes: [
				{ name: 'Between', type: 'between' },
				{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
			],
			wires: [
				'Step.Call -> Between',
				'Between -> Call',
				'Call.Success -> Step.Succeeded',
				'Call.Error -> Step.Failed',
			],
			items: items(4),
			...rest,
			nodeTypes: { between: type },
		});

	it('reordered: back in order', async () => {
		const run = await runWorkflow(between(reorderer(), { call: scripted(plan).type }));
		expectTogether(run, { good: [1, 2, 3], bad: [4] });
	});

	it('split: several in their place', async () => {
		const call = scripted({ 2: ['fail', 'ok'] });
		const run = await runWorkflow(between(splitter(2), { call: call.type, items: items(3) }));
		expectTogether(run, { good: [1, 1, 2, 2, 3, 3] });
		expect(run.json('Good').map(({ part }) => part)).toEqual([0, 1, 0, 1, 0, 1]);
	});

	it('merged: one in the place of the first', async () => {
		const run = await runWorkflow(between(merger()));
		expect(run.json('Good').map(({ ids }) => ids)).toEqual([[1, 2, 3, 4]]);
		expect(timesLeft(run)).toBe(1);
	});

	it('dropped: the others leave without them', async () => {
		const passes = dropper(({ id }) => id !== 2 && id !== 3);
		const call = scripted({ 1: ['fail', 'ok'] });
		expectTogether(await runWorkflow(between(passes, { call: call.type })), { good: [1, 4] });
		expectTogether(
			await runWorkflow(
				together('bulkhead', { maxConcurrentCalls: 1 }, { call: passes, items: items(4) }),
			),
			{ good: [1, 4] },
		);
	});

	it('although a protected node waits in vain for an input', async () => {
		const both = defineNode('both', () => [[]], { inputs: ['main', 'main'], requiredInputs: 2 });
		const run = await runWorkflow(
			together(
				'bulkhead',
				{ maxConcurrentCalls: 2 },
				{
					nodes: [
						{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
						{ name: 'Never', type: 'never' },
						{ name: 'Both', type: 'both' },
					],
					wires: [
						'Step.Call -> Call',
						'Call.Success -> Both.0',
						'Call.Success -> Step.Succeeded',
						'Step.Call -> Never',
						'Never -> Both.1',
						'Both -> Step.Succeeded',
					],
					nodeTypes: { never: dropper(), both },
					items: items(3),
				},
			),
		);
		expectTogether(run, { good: [1, 2, 3] });
	});

	it('over long waits and restarts', async () => {
		let run = await runWorkflow(
			together(
				'retry',
				{
					maxAttempts: 3,
					delayMs: 3_600_000,
					options: { jitter: 'none', maxDelayMs: 86_400_000 },
				},
				{ call: scripted(plan).type, items: items(5) },
			),
		);
		for (let waits = 0; waits < 2; waits++) {
			expect(run.status).toBe('waiting');
			expect(timesLeft(run)).toBe(0);
			setAheadTo(run.waitTill!);
			run = await run.resume();
		}
		expectTogether(run, { good: [1, 2, 3, 5], bad: [4] });
	});

	it('are saved once: the data of an execution grows with the items', async () => {
		const bytesFor = async (count: number) => {
			const run = await runWorkflow(
				together('bulkhead', { maxConcurrentCalls: 1 }, { items: items(count) }),
			);
			expectTogether(run, { good: items(count).map(({ id }) => id) });
			return JSON.stringify(run.data).length;
		};
		expect((await bytesFor(200)) / (await bytesFor(50))).toBeLessThan(4.5);
	});

	it('do not leave when the execution is stopped', async () => {
		const call = gated();
		const running = startWorkflow(
			together('bulkhead', { maxConcurrentCalls: 1 }, { call: call.type, items: items(2) }),
		);
		await call.entered(1);
		call.release();
		await call.entered(2);
		running.cancel();
		const run = await running.finished;
		expect(run.status).toBe('canceled');
		expect(timesLeft(run)).toBe(0);
		expect(leasesKept()).toBe(0);
	});

	it('an error that the user wants to go on after leaves with the others', async () => {
		// Item 3 waits for a slot while it cannot be told what became of 1 and 2.
		const run = await runWorkflow(
			together(
				'bulkhead',
				{ maxConcurrentCalls: 2 },
				{
					call: pairingLoser(),
					stepNode: { onError: 'continueRegularOutput' },
					wires: ['Step.Call -> Call', 'Call -> Step.Succeeded'],
					nodes: [{ name: 'Call', type: 'call' }],
					items: items(3),
				},
			),
		);
		expect(run.status).toBe('success');
		expect(timesLeft(run)).toBe(1);
		expect(errorsAt(run, 'Bad')[0]).toMatchObject({
			message: expect.stringContaining('does not say which item'),
		});
		expect(leasesKept()).toBe(0);
	});

	it.each([
		['inside', 'each', 'together'],
		['outside', 'together', 'each'],
		['in both', 'together', 'together'],
	])('of nested steps: %s', async (_, outer, inner) => {
		const run = await runWorkflow({
			workflowId: newWorkflowId(),
			...guarded({
				step: 'retry',
				parameters: { ...retrySettings, handOnResults: outer },
				nodes: [
					{ name: 'Split', type: 'split' },
					{
						name: 'Inner',
						type: 'bulkhead',
						parameters: { maxConcurrentCalls: 2, handOnResults: inner },
					},
					{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
				],
				wires: [
					'Step.Call -> Split',
					'Split -> Inner.Items',
					'Inner.Call -> Call',
					'Call.Success -> Inner.Succeeded',
					'Call.Error -> Inner.Failed',
					'Inner.Success -> Step.Succeeded',
					'Inner.Failed -> Step.Failed',
				],
				nodeTypes: { split: splitter(2) },
				call: scripted({ 2: ['fail', 'ok'] }).type,
				items: items(3),
			}),
		});
		expect(run.error).toBeUndefined();
		const { good, bad, rejected } = ends(run);
		expect([[...good].sort(), bad, rejected]).toEqual([[1, 1, 2, 2, 3, 3], [], []]);
		if (outer === 'together') expectTogether(run, { good: [1, 1, 2, 2, 3, 3] });
	});
});

describe('Loop Over Items around a step that hands on all results together', () => {
	const join = defineNode(
		'join',
		function () {
			const arrived = [0, 1].map((input) => this.getInputData(input) ?? []);
			return [
				arrived.flatMap((list, input) =>
					list.map((item, index) => ({ ...keep(item, index), pairedItem: { item: index, input } })),
				),
			];
		},
		{ inputs: ['main', 'main'], requiredInputs: 1 },
	);

	const around = (step: StepType, parameters: INodeParameters, plan: Plan, back: string[]) => ({
		...together(step, parameters, {
			call: scripted(plan).type,
			nodes: [
				{ name: 'Batches', type: 'batches' },
				{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
				{ name: 'Join', type: 'join' },
				{ name: 'Done', type: 'probe', parameters: { value: "={{ $('Start').item.json.id }}" } },
			],
			nodeTypes: { batches: batches(3), join },
			items: items(7),
		}),
		connections: [
			'Start -> Batches',
			'Batches.loop -> Step.Items',
			'Step.Call -> Call',
			'Call.Success -> Step.Succeeded',
			'Call.Error -> Step.Failed',
			'Batches.done -> Done',
			...back,
		],
	});

	/** `done` came once, with all items in this order. */
	function expectDone(run: FinishedWorkflow, order: number[]): void {
		expect(run.error).toBeUndefined();
		expect(run.runCount('Done')).toBe(1);
		expect(run.json('Done')).toMatchObject(order.map((id) => ({ id, probed: id })));
	}

	it.each<[StepType, INodeParameters, Plan]>([
		['retry', retrySettings, { 1: ['fail', 'ok'], 5: ['fail', 'fail', 'ok'] }],
		['bulkhead', { maxConcurrentCalls: 1 }, {}],
		['rateLimiter', { limit: 2, periodMs: 20 }, {}],
	])('%s: done comes once, with all items in order', async (step, parameters, plan) => {
		const back = ['Step.Success -> Batches'];
		expectDone(await runWorkflow(around(step, parameters, plan, back)), [1, 2, 3, 4, 5, 6, 7]);
	});

	it.each<[StepType, INodeParameters, number[]]>([
		['retry', retrySettings, [1, 2, 3, 5, 6, 4, 7]],
		['bulkhead', { maxConcurrentCalls: 1 }, [1, 3, 2, 6, 4, 5, 7]],
	])(
		'%s, Success and Failed joined: done comes once, with all items',
		async (step, parameters, order) => {
			const plan: Plan = { 2: ['fail', 'ok'], 4: ['fail'], 5: ['fail', 'fail', 'ok'] };
			const back = ['Step.Success -> Join.0', 'Step.Failed -> Join.1', 'Join -> Batches'];
			expectDone(await runWorkflow(around(step, parameters, plan, back)), order);
		},
	);
});
