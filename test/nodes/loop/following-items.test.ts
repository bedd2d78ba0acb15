import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import {
	ends,
	errorsAt,
	guarded,
	items,
	sortedEnds,
	type Guarded,
} from '../../support/guarded-workflow';
import {
	defineNode,
	dropper,
	keep,
	merger,
	pairingLoser,
	reorderer,
	scripted,
	splitter,
	start,
	stopper,
	waiter,
} from '../../support/test-nodes';
import { runWorkflow } from '../../support/workflow-harness';

const retry = {
	step: 'retry',
	parameters: { maxAttempts: 3, delayMs: 1, options: { jitter: 'none' } },
} as const;

/** Item by item through `Between`, then `Call`. */
const between = (type: ReturnType<typeof start>, rest: Partial<Guarded> = {}) =>
	guarded({
		...retry,
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
		nodeTypes: { between: type, ...rest.nodeTypes },
	});

/** Sends items by whether their id is odd to one of two outputs. */
const branch = () =>
	defineNode(
		'branch',
		(list) => {
			const paired = list.map(keep);
			return [
				paired.filter(({ json }) => Number(json.id) % 2 === 1),
				paired.filter(({ json }) => Number(json.id) % 2 === 0),
			];
		},
		{ outputs: ['main', 'main'], outputNames: ['odd', 'even'] },
	);

describe('protected nodes that', () => {
	it('reorder: each item gets its own result', async () => {
		const call = scripted({ 2: ['fail', 'ok'], 3: ['fail'] });
		const run = await runWorkflow(between(reorderer(), { call: call.type }));
		expect(run.status).toBe('success');
		expect(sortedEnds(run)).toEqual({ good: [1, 2, 4], bad: [3], rejected: [] });
		expect([1, 2, 3, 4].map(call.callsOf)).toEqual([1, 2, 3, 1]);
	});

	it('drop items: the others go on, and the execution ends well', async () => {
		const call = scripted({ 2: ['fail', 'ok'] });
		const run = await runWorkflow(
			between(
				dropper(({ id }) => id !== 1),
				{ call: call.type },
			),
		);
		expect(run.status).toBe('success');
		expect(sortedEnds(run)).toEqual({ good: [2, 3, 4], bad: [], rejected: [] });
	});

	it('drop all items: the execution ends', async () => {
		const run = await runWorkflow(between(dropper()));
		expect(run.status).toBe('success');
		expect(ends(run)).toEqual({ good: [], bad: [], rejected: [] });
	});

	it('split items: every part of a success leaves', async () => {
		const run = await runWorkflow(between(splitter(3)));
		expect(sortedEnds(run).good).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
	});

	it('split items, and a part fails: the item is tried again as a whole, no part twice', async () => {
		// The first call of item 2 is its part 0.
		const call = scripted({ 2: ['fail', 'ok'] });
		const run = await runWorkflow(between(splitter(2), { call: call.type }));
		expect(sortedEnds(run)).toEqual({ good: [1, 1, 2, 2, 3, 3, 4, 4], bad: [], rejected: [] });
		expect(call.callsOf(2)).toBe(4);
	});

	it('split items, and a part fails for good: the item fails once, its good parts are kept', async () => {
		const partFails = defineNode('part', (list) => [
			list.map((item, index) =>
				item.json.part === 1
					? { json: { error: 'no' }, pairedItem: { item: index } }
					: keep(item, index),
			),
		]);
		const run = await runWorkflow(between(splitter(2), { call: partFails, items: items(2) }));
		expect(sortedEnds(run)).toEqual({ good: [1, 2], bad: [1, 2], rejected: [] });
		expect(errorsAt(run, 'Bad')).toMatchObject([
			{ message: 'no', attempts: 3 },
			{ message: 'no', attempts: 3 },
		]);
		expect(run.json('Bad')[0]).not.toHaveProperty('part');
	});

	it('merge items: one result stands for all of them', async () => {
		const run = await runWorkflow(between(merger(), { call: start() }));
		expect(run.status).toBe('success');
		expect(run.json('Good').map(({ ids }) => ids)).toEqual([[1, 2, 3, 4]]);
		// All four calls are over: none is waited for.
		expect(run.runCount('Between')).toBe(1);
	});

	it('merge items, and the result fails: every one of them is tried again', async () => {
		let calls = 0;
		const failsOnce = defineNode('failsOnce', (list) => [
			list.map((item, index) =>
				++calls === 1 ? { json: { error: 'no' }, pairedItem: { item: index } } : keep(item, index),
			),
		]);
		const run = await runWorkflow(between(merger(), { call: failsOnce }));
		expect(run.json('Good').map(({ ids }) => ids)).toEqual([[1, 2, 3, 4]]);
		expect(run.json('Between').map(({ ids }) => ids)).toEqual([
			[1, 2, 3, 4],
			[1, 2, 3, 4],
		]);
	});

	it('lose the pairing: the error names the node and what to do', async () => {
		const run = await runWorkflow(between(pairingLoser()));
		expect(run.status).toBe('error');
		expect(run.error).toMatchObject({
			name: 'NodeOperationError',
			message: 'The node "Between" does not say which item its output belongs to',
			description: expect.stringContaining('pairedItem'),
			node: { name: 'Step' },
			context: { itemIndex: 0 },
		});
	});

	it('lose the pairing of a single item: there is no doubt whose it is', async () => {
		const call = scripted({ 1: ['fail', 'ok'] });
		const run = await runWorkflow(between(pairingLoser(1), { call: call.type, items: items(1) }));
		expect(ends(run)).toMatchObject({ good: [1] });
		expect(call.callsOf(1)).toBe(2);
	});

	it('throw, with an error output: n8n sends the items on as if they were good, but they failed', async () => {
		const run = await runWorkflow(between(start(), { call: stopper('down') }));
		expect(run.status).toBe('success');
		expect(sortedEnds(run)).toEqual({ good: [], bad: [1, 2, 3, 4], rejected: [] });
		expect(errorsAt(run, 'Bad')[0]).toMatchObject({ message: 'down', attempts: 3 });
	});

	it('throw in the middle of a chain: the failure is seen past the nodes behind', async () => {
		const run = await runWorkflow(
			guarded({
				...retry,
				nodes: [
					{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
					{ name: 'After', type: 'start' },
				],
				wires: [
					'Step.Call -> Call',
					'Call.Success -> After',
					'After -> Step.Succeeded',
					'Call.Error -> Step.Failed',
				],
				call: stopper('down'),
				items: items(2),
			}),
		);
		expect(sortedEnds(run)).toEqual({ good: [], bad: [1, 2], rejected: [] });
	});

	it('throw and stop the workflow: it stops with their error', async () => {
		const run = await runWorkflow(between(stopper('stop'), { items: items(2) }));
		expect(run.status).toBe('error');
		expect(run.error).toMatchObject({ message: 'stop', node: { name: 'Between' } });
	});

	it('branch and come back over different paths', async () => {
		const call = scripted({ 1: ['fail', 'ok'], 2: ['fail'], 5: ['fail', 'fail', 'ok'] });
		const other = scripted({ 4: ['fail', 'ok'] });
		const run = await runWorkflow(
			guarded({
				...retry,
				nodes: [
					{ name: 'First', type: 'call', onError: 'continueErrorOutput' },
					{ name: 'If', type: 'branch' },
					{ name: 'Odd', type: 'start' },
					{ name: 'Even', type: 'other', onError: 'continueErrorOutput' },
				],
				wires: [
					'Step.Call -> First',
					'First.Success -> If',
					'First.Error -> Step.Failed',
					'If.odd -> Odd',
					'If.even -> Even',
					'Odd -> Step.Succeeded',
					'Even.Success -> Step.Succeeded',
					'Even.Error -> Step.Failed',
				],
				call: call.type,
				nodeTypes: { branch: branch(), other: other.type },
				items: items(8),
			}),
		);
		expect(run.status).toBe('success');
		expect(sortedEnds(run)).toEqual({ good: [1, 3, 4, 5, 6, 7, 8], bad: [2], rejected: [] });
		expect([1, 2, 3, 4, 5].map(call.callsOf)).toEqual([2, 3, 1, 2, 3]);
	});

	it('wait durably inside: every item is still followed', async () => {
		const call = scripted({ 2: ['fail', 'ok'] });
		const first = await runWorkflow(between(waiter(), { call: call.type }));
		expect(first.status).toBe('waiting');
		const run = await first.resumeToEnd();
		expect(run.status).toBe('success');
		expect(sortedEnds(run)).toEqual({ good: [1, 2, 3, 4], bad: [], rejected: [] });
		expect(call.callsOf(2)).toBe(2);
	});
});

describe('items', () => {
	it('are followed one by one through success, retry and failure, counting the first attempt', async () => {
		const call = scripted({ 1: ['fail', 'ok'], 3: ['fail'], 4: ['fail', 'fail', 'ok'] });
		const run = await runWorkflow(guarded({ ...retry, call: call.type, items: items(5) }));
		expect(sortedEnds(run)).toEqual({ good: [1, 2, 4, 5], bad: [3], rejected: [] });
		expect([1, 2, 3, 4, 5].map(call.callsOf)).toEqual([2, 1, 3, 3, 1]);
		expect(errorsAt(run, 'Bad')).toEqual([
			{ message: 'planned failure of 3', attempts: 3, gaveUp: 'max-attempts' },
		]);
	});

	it('are called again as they were, without the error or anything the nodes between added', async () => {
		const seen: INodeExecutionData[] = [];
		const call = defineNode('call', (list) => [
			list.map((item, index) => {
				seen.push(structuredClone(item));
				return { json: { error: 'no' }, pairedItem: { item: index } };
			}),
		]);
		const binary = { data: { data: 'aGk=', mimeType: 'text/plain' } };
		const run = await runWorkflow(
			guarded({ ...retry, call, items: [{ json: { id: 1, deep: { a: 1 } }, binary }] }),
		);
		expect(seen.map(({ json }) => json)).toEqual(Array(3).fill({ id: 1, deep: { a: 1 } }));
		expect(seen.map((item) => item.binary)).toEqual([binary, binary, binary]);
		expect(run.output('Step', 'Failed')[0]).toMatchObject({
			json: { id: 1, deep: { a: 1 } },
			binary,
		});
		expect(run.output('Step', 'Failed')[0]).not.toHaveProperty('error');
	});

	it('that come in with an error of their own do not fail by it', async () => {
		const call = scripted();
		const run = await runWorkflow(
			guarded({
				...retry,
				call: call.type,
				items: [{ json: { id: 1, error: 'from before' } as IDataObject }],
			}),
		);
		expect(run.json('Good')).toEqual([{ id: 1, error: 'from before', probed: 1 }]);
	});

	it('keep their binary data on the way out', async () => {
		const binary = { data: { data: 'aGk=', mimeType: 'text/plain' } };
		const call = defineNode('call', (list) => [
			list.map((item, index) => ({ ...item, pairedItem: { item: index } })),
		]);
		const run = await runWorkflow(
			guarded({ ...retry, call, items: [{ json: { id: 1 }, binary }] }),
		);
		expect(run.output('Step', 'Success')[0]?.binary).toEqual(binary);
	});

	it('arrive from two branches and in several batches', async () => {
		const call = scripted({ 2: ['fail', 'ok'], 3: ['fail'], 6: ['fail', 'fail', 'ok'] });
		const run = await runWorkflow({
			...guarded({
				...retry,
				nodes: [
					{ name: 'If', type: 'branch' },
					{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
				],
				call: call.type,
				nodeTypes: { branch: branch() },
				items: items(8),
			}),
			connections: [
				'Start -> If',
				'If.odd -> Step.Items',
				'If.even -> Step.Items',
				'Step.Call -> Call',
				'Call.Success -> Step.Succeeded',
				'Call.Error -> Step.Failed',
				'Step.Success -> Good',
				'Step.Failed -> Bad',
				'Step.Rejected -> Rejected',
			],
		});
		expect(run.status).toBe('success');
		expect(sortedEnds(run)).toEqual({ good: [1, 2, 4, 5, 6, 7, 8], bad: [3], rejected: [] });
	});
});
