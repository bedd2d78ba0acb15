import { setTimeout as sleep } from 'node:timers/promises';

import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import { roundTrip } from '../support/round-trip';
import {
	defineNode,
	dropper,
	keep,
	merger,
	pairingLoser,
	probe,
	recorder,
	reorderer,
	scripted,
	slow,
	splitter,
	start,
	stopper,
	waiter,
} from '../support/test-nodes';
import { until } from '../support/until';
import { runWorkflow, startWorkflow } from '../support/workflow-harness';

const types = { start: start(), probe: probe() };
const origin = { value: "={{ $('Start').item.json.id }}" };

/** Runs Start -> <node> -> Probe and says from which item of Start n8n thinks each one came. */
const originsThrough = async (type: ReturnType<typeof start>, onError?: 'continueErrorOutput') => {
	const run = await runWorkflow({
		nodes: [
			{ name: 'Start', type: 'start' },
			{ name: 'Between', type: 'between', onError },
			{ name: 'Probe', type: 'probe', parameters: origin },
		],
		connections: ['Start -> Between', 'Between -> Probe'],
		nodeTypes: { ...types, between: type },
		items: [{ id: 1 }, { id: 2 }, { id: 3 }],
	});
	return run.json('Probe').map(({ probed }) => probed);
};

/** Calls the sub-workflow `child` for all items, with or without a deadline handed down. */
const caller = (deadlineMs?: number) =>
	defineNode('caller', async function (this: IExecuteFunctions, items) {
		const context = this as IExecuteFunctions & { additionalData: object };
		const self: IExecuteFunctions = deadlineMs
			? Object.create(this, {
					additionalData: {
						value: Object.assign(Object.create(context.additionalData) as object, {
							executionTimeoutTimestamp: Date.now() + deadlineMs,
						}),
					},
				})
			: this;
		const { data, waitTill } = await self.executeWorkflow({ id: 'child' }, items, undefined, {
			parentExecution: { executionId: this.getExecutionId(), workflowId: 'workflow' },
		});
		return [
			(data[0] ?? []).map((item, index) =>
				keep({ json: { ...item.json, waited: Boolean(waitTill) } }, index),
			),
		];
	});

const callChild = {
	nodes: [
		{ name: 'Start', type: 'start' },
		{ name: 'Caller', type: 'caller' },
	],
	connections: ['Start -> Caller'],
	items: [{ id: 1 }],
};

describe('running a workflow', () => {
	it('evaluates expressions and follows pairing with the real engine', async () => {
		await expect(originsThrough(reorderer())).resolves.toEqual([3, 2, 1]);
		await expect(originsThrough(splitter(2))).resolves.toEqual([1, 1, 2, 2, 3, 3]);
		await expect(originsThrough(dropper(({ id }) => id !== 2))).resolves.toEqual([1, 3]);
		await expect(originsThrough(merger())).resolves.toEqual([expect.stringMatching(/multiple/i)]);
		await expect(originsThrough(pairingLoser())).resolves.toEqual(
			Array(6).fill(expect.stringMatching(/Paired item/)),
		);
	});

	it('sends planned failures to the error output, with their json, and counts the calls', async () => {
		const { type, callsOf } = scripted({ 2: ['fail'], 3: [{ error: { status: 503 } }] });
		const run = await runWorkflow({
			nodes: [
				{ name: 'Start', type: 'start' },
				{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
				{ name: 'Good', type: 'start' },
				{ name: 'Bad', type: 'start' },
			],
			connections: ['Start -> Call', 'Call.Success -> Good', 'Call.Error -> Bad'],
			nodeTypes: { ...types, call: type },
			items: [{ id: 1 }, { id: 2 }, { id: 3 }],
		});
		expect(run.json('Good')).toEqual([{ id: 1 }]);
		expect(run.json('Bad')).toEqual([
			{ id: 2, error: 'planned failure of 2' },
			{ id: 3, error: { status: 503 } },
		]);
		expect(run.json('Call', 'Error')).toEqual(run.json('Bad'));
		expect(callsOf(2)).toBe(1);
	});

	it('reports the error that ended a workflow, and throws none itself', async () => {
		const run = await runWorkflow({
			nodes: [
				{ name: 'Start', type: 'start' },
				{ name: 'Stop', type: 'stop' },
			],
			connections: ['Start -> Stop'],
			nodeTypes: { ...types, stop: stopper() },
		});
		expect(run.status).toBe('error');
		expect(run.error).toMatchObject({ message: 'stopped on purpose', name: 'NodeOperationError' });
	});

	it('runs a node with named inputs once both have arrived, and loops', async () => {
		const seen: unknown[] = [];
		const step = defineNode(
			'step',
			function () {
				const [fresh, returned] = [0, 1].map((input) => this.getInputData(input).map(keep));
				seen.push([fresh?.length, returned?.length]);
				return [fresh ?? [], (returned ?? []).map((i) => ({ ...i, pairedItem: undefined }))];
			},
			{
				inputs: ['Items', 'Back'].map((displayName) => ({ type: 'main', displayName })),
				requiredInputs: 1,
				outputs: ['Call', 'Done'].map((displayName) => ({ type: 'main', displayName })),
			},
		);
		const run = await runWorkflow({
			nodes: [
				{ name: 'Start', type: 'start' },
				{ name: 'Step', type: 'step' },
				{ name: 'Call', type: 'start' },
				{ name: 'End', type: 'start' },
			],
			connections: [
				'Start -> Step.Items',
				'Step.Call -> Call',
				'Call -> Step.Back',
				'Step.Done -> End',
			],
			nodeTypes: { ...types, step },
		});
		expect(seen).toEqual([
			[1, 0],
			[0, 1],
		]);
		expect(run.runCount('End')).toBe(1);
	});

	it('runs only up to the destination node, as the editor does', async () => {
		const run = await runWorkflow({
			nodes: ['Start', 'Middle', 'End'].map((name) => ({ name, type: 'start' })),
			connections: ['Start -> Middle', 'Middle -> End'],
			nodeTypes: types,
			items: [{ id: 7 }],
			mode: 'manual',
			destinationNode: 'Middle',
		});
		expect(run.json('Middle')).toEqual([{ id: 7 }]);
		expect(run.runCount('End')).toBe(0);
	});

	it('names the ports there are when a wire names one that is not', async () => {
		await expect(
			runWorkflow({
				nodes: [{ name: 'Start', type: 'start' }],
				connections: ['Start.Nope -> Start'],
				nodeTypes: types,
			}),
		).rejects.toThrow('Start has no port "Nope", only 0');
	});
});

describe('waiting', () => {
	const wait = {
		nodes: [
			{ name: 'Start', type: 'start' },
			{ name: 'Wait', type: 'wait' },
			{ name: 'Again', type: 'wait' },
			{ name: 'End', type: 'start' },
		],
		connections: ['Start -> Wait', 'Wait -> Again', 'Again -> End'],
		nodeTypes: { ...types, wait: waiter() },
		items: [{ id: 1 }],
	};

	it('goes on after each wait, as the same execution, through saved data', async () => {
		const first = await runWorkflow(wait);
		expect(first.status).toBe('waiting');
		expect(Number(first.waitTill)).toBeGreaterThan(Date.now());
		const second = await first.resume();
		expect(second.status).toBe('waiting');
		const last = await second.resume();
		expect(last.status).toBe('success');
		expect(last.executionId).toBe(first.executionId);
		expect(last.json('End')).toEqual([{ id: 1 }]);
		expect((await first.resumeToEnd()).status).toBe('success');
	});

	it('saves as n8n does: JSON, but shared references stay shared', () => {
		const shared = { at: new Date(0), gone: undefined, list: [undefined, NaN] };
		const copy = roundTrip({ a: shared, b: shared });
		expect(copy.a).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [null, null] });
		expect(copy.a).toBe(copy.b);
		expect('gone' in copy.a).toBe(false);
	});
});

describe('stopping', () => {
	const sleepy = (ms: number) => {
		const { type, state } = slow(ms);
		return {
			state,
			options: {
				nodes: [
					{ name: 'Start', type: 'start' },
					{ name: 'Slow', type: 'slow' },
					{ name: 'End', type: 'start' },
				],
				connections: ['Start -> Slow', 'Slow -> End'],
				nodeTypes: { ...types, slow: type },
			},
		};
	};

	const stop = new AbortController();

	it.each([
		['a call', {}],
		// Long enough for the node to have begun.
		['time', { cancelAfter: 1_000 }],
		['a signal', { signal: stop.signal }],
		["the workflow's own time limit", { settings: { executionTimeout: 1 } }],
	])('by %s reaches the node that runs', async (way, how) => {
		const { options, state } = sleepy(60_000);
		const running = startWorkflow({ ...options, ...how });
		await until(() => state.started === 1);
		if (way === 'a call') running.cancel();
		if (way === 'a signal') stop.abort();
		const run = await running.finished;
		expect(run.status).toBe('canceled');
		expect(state).toEqual({ started: 1, finished: 0, cancelled: 1 });
		expect(run.runCount('End')).toBe(0);
	});

	it('calls the handlers for the end of an execution at every end, but not at a wait', async () => {
		const ended: string[] = [];
		const told = (inner: ReturnType<typeof start>, name: string) =>
			defineNode(name, async function () {
				this.onExecutionFinish?.(() => void ended.push(name));
				return (await inner.execute?.call(this)) as never;
			});
		const ends = {
			success: start(),
			error: stopper(),
			waiting: waiter(),
			canceled: slow(60_000).type,
		};
		for (const [status, inner] of Object.entries(ends)) {
			const run = await runWorkflow({
				nodes: [{ name: 'Node', type: 'node' }],
				connections: [],
				nodeTypes: { node: told(inner, status) },
				cancelAfter: 200,
			});
			expect(run.status).toBe(status);
		}
		await sleep(0);
		expect(ended).toEqual(['success', 'error', 'canceled']);
	});
});

describe('sub-workflows', () => {
	const child = (type: string) => ({
		child: {
			nodes: [
				{ name: 'Begin', type: 'start' },
				{ name: 'Work', type },
				{ name: 'After', type: 'start' },
			],
			connections: ['Begin -> Work', 'Work -> After'],
		},
	});

	it('return the output of their last node and know their parent', async () => {
		const run = await runWorkflow({
			...callChild,
			nodeTypes: { ...types, caller: caller() },
			subWorkflows: child('start'),
		});
		expect(run.json('Caller')).toEqual([{ id: 1, waited: false }]);
		expect(run.children).toMatchObject([
			{ status: 'success', parentExecution: { executionId: run.executionId } },
		]);
	});

	it('fail with the error that n8n leaves of theirs', async () => {
		let caught: unknown;
		const call = caller();
		const run = await runWorkflow({
			...callChild,
			nodeTypes: {
				...types,
				stop: stopper(),
				caller: defineNode('caller', async function () {
					await call.execute?.call(this).catch((error: unknown) => (caught = error));
					return [[]];
				}),
			},
			subWorkflows: child('stop'),
		});
		expect(caught).toBeInstanceOf(NodeOperationError);
		expect(caught).toMatchObject({
			message: 'stopped on purpose',
			description: 'by the stopper',
			executionId: run.children[0]?.executionId,
			workflowId: 'child',
			node: { name: 'Work' },
		});
	});

	it('fail when there is no such workflow', async () => {
		const run = await runWorkflow({
			...callChild,
			nodeTypes: { ...types, caller: caller() },
		});
		expect(run.error?.message).toBe('Workflow does not exist.');
	});

	it('put the caller to wait when they wait', async () => {
		const run = await runWorkflow({
			...callChild,
			nodeTypes: { ...types, wait: waiter(), caller: caller() },
			subWorkflows: child('wait'),
		});
		expect(run.status).toBe('waiting');
		expect(run.waitTill?.getFullYear()).toBe(2999);
		expect(run.children[0]?.status).toBe('waiting');
	});

	it('take over a deadline that the caller hands down, and stop at their next node', async () => {
		const { type, state } = slow(100);
		const run = await runWorkflow({
			...callChild,
			nodeTypes: { ...types, slow: type, caller: caller(30) },
			subWorkflows: child('slow'),
		});
		expect(run.error?.message).toMatch(/timed out/);
		expect(run.children[0]?.status).toBe('canceled');
		expect(state.finished).toBe(1);
		expect(run.children[0]?.run?.data.resultData.runData.After).toBeUndefined();
	});

	it('are not stopped together with their caller: n8n has no such thing', async () => {
		const { type, state } = slow(150);
		const run = await runWorkflow({
			...callChild,
			nodeTypes: { ...types, slow: type, caller: caller() },
			subWorkflows: child('slow'),
			cancelAfter: 20,
		});
		expect(run.status).toBe('canceled');
		expect(state.finished).toBe(1);
		expect(run.children[0]?.status).toBe('success');
	});
});

it('runs several executions at once', async () => {
	const { type, record } = recorder(30);
	await Promise.all(
		[1, 2, 3].map(
			async (id) =>
				await runWorkflow({
					nodes: [{ name: 'Start', type: 'recorder' }],
					connections: [],
					nodeTypes: { recorder: type },
					items: [{ id }],
				}),
		),
	);
	expect(record).toMatchObject({ active: 0, peak: 3, runs: 3 });
});
