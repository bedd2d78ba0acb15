import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';

import {
	endNodes,
	ends,
	endWires,
	guarded,
	items,
	newWorkflowId,
	sortedEnds,
	type StepType,
} from '../../support/guarded-workflow';
import type { start } from '../../support/test-nodes';
import { defineNode, dropper, failed, keep, scripted, splitter } from '../../support/test-nodes';
import { runWorkflow, type RunOptions } from '../../support/workflow-harness';

interface Layer {
	type: StepType;
	parameters?: INodeParameters;
}

const retry = (maxAttempts = 3, delayMs = 1): Layer => ({
	type: 'retry',
	parameters: { maxAttempts, delayMs, options: { jitter: 'none' } },
});
const breaker: Layer = { type: 'circuitBreaker', parameters: { minimumNumberOfCalls: 100 } };
const bulkhead = (maxConcurrentCalls = 2): Layer => ({
	type: 'bulkhead',
	parameters: { maxConcurrentCalls },
});

/** Steps one inside the other, outermost first, around `Call`. */
function nested(layers: Layer[], call: ReturnType<typeof start>, count: number): RunOptions {
	const names = layers.map((_, index) => `Step${index}`);
	const inner = names.at(-1)!;
	return {
		workflowId: newWorkflowId(),
		nodes: [
			{ name: 'Start', type: 'start' },
			...layers.map((layer, index) => ({ name: names[index]!, ...layer })),
			{ name: 'Call', type: 'call', onError: 'continueErrorOutput' as const },
			...endNodes,
		],
		connections: [
			`Start -> ${names[0]}.Items`,
			...names
				.slice(1)
				.flatMap((name, index) => [
					`${names[index]}.Call -> ${name}.Items`,
					`${name}.Success -> ${names[index]}.Succeeded`,
					`${name}.Failed -> ${names[index]}.Failed`,
					`${name}.Rejected -> ${names[index]}.Failed`,
				]),
			`${inner}.Call -> Call`,
			`Call.Success -> ${inner}.Succeeded`,
			`Call.Error -> ${inner}.Failed`,
			...endWires(names[0]!),
		],
		nodeTypes: { ...guarded({ step: 'retry' }).nodeTypes, call },
		items: items(count),
	};
}

describe('a step inside a step', () => {
	it.each([
		['a retry in a retry', [retry(2), retry(2)]],
		['a retry in a breaker', [breaker, retry(4)]],
		['a breaker in a retry', [retry(4), breaker]],
		['a retry in a bulkhead', [bulkhead(), retry(4)]],
		['a bulkhead in a retry', [retry(4), bulkhead()]],
		['a bulkhead in a bulkhead', [bulkhead(3), bulkhead(2), retry(4)]],
		['a retry in a breaker in a bulkhead', [bulkhead(), breaker, retry(4)]],
		['a bulkhead in a retry in a breaker', [breaker, retry(4), bulkhead()]],
		['a fallback around it all', [{ type: 'fallback' as const }, retry(4), bulkhead()]],
		['a time-out around it all', [{ type: 'timeout' as const }, retry(2), retry(2)]],
		['a rate limiter around it all', [{ type: 'rateLimiter' as const }, retry(4), bulkhead()]],
	])('%s: every item leaves once, tried as often as needed', async (_, layers: Layer[]) => {
		const call = scripted({
			1: ['fail', 'ok'],
			3: ['fail', 'fail', 'fail', 'ok'],
			4: ['fail', 'fail', 'ok'],
		});
		const run = await runWorkflow(nested(layers, call.type, 6));
		expect(run.status).toBe('success');
		expect(sortedEnds(run)).toEqual({ good: [1, 2, 3, 4, 5, 6], bad: [], rejected: [] });
		expect([1, 2, 3, 4, 5, 6].map(call.callsOf)).toEqual([2, 1, 4, 3, 1, 1]);
	});

	it('fails for good only after all attempts of both', async () => {
		const call = scripted({ 2: ['fail'] });
		const run = await runWorkflow(nested([retry(3), retry(2)], call.type, 3));
		expect(ends(run)).toMatchObject({ bad: [2] });
		expect(call.callsOf(2)).toBe(6);
	});

	it('three deep and the items dropped in the middle: all end, no permit is kept', async () => {
		const options = nested(
			[bulkhead(1), retry(2), bulkhead(1)],
			dropper(({ id }) => id === 3),
			4,
		);
		const first = await runWorkflow(options);
		expect(first.status).toBe('success');
		expect(ends(first)).toEqual({ good: [3], bad: [], rejected: [] });
		const second = await runWorkflow(options);
		expect(ends(second)).toEqual({ good: [3], bad: [], rejected: [] });
	});

	it('that splits: every part of a success leaves the outermost', async () => {
		const run = await runWorkflow(nested([breaker, retry(2), bulkhead()], splitter(2), 3));
		expect(sortedEnds(run).good).toEqual([1, 1, 2, 2, 3, 3]);
	});

	it('holding items back for long while the outer one goes on: nothing counts as dropped', async () => {
		// Item 1 comes back and fails outside, while item 2 waits inside for its next attempt.
		const call = scripted({ 2: ['fail', 'ok'] });
		const outside = scripted({ 1: ['fail', 'ok'] });
		const options = nested([retry(2, 1), retry(2, 150)], call.type, 2);
		const run = await runWorkflow({
			...options,
			nodes: [
				...options.nodes,
				{ name: 'Outside', type: 'outside', onError: 'continueErrorOutput' },
			],
			connections: (options.connections as string[])
				.filter((wire) => !wire.startsWith('Step1.Success'))
				.concat([
					'Step1.Success -> Outside',
					'Outside.Success -> Step0.Succeeded',
					'Outside.Error -> Step0.Failed',
				]),
			nodeTypes: { ...options.nodeTypes, outside: outside.type },
		});
		expect(run.status).toBe('success');
		expect(sortedEnds(run)).toEqual({ good: [1, 2], bad: [], rejected: [] });
		// Item 1 did not wait for item 2.
		expect(call.calls).toEqual(['1', '2', '1', '2']);
	});

	it('that brings a part back after the attempt was made again: it does not count twice', async () => {
		const calls: string[] = [];
		const call = defineNode('call', (list) => [
			list.map((item, index) => {
				const part = String(item.json.part);
				calls.push(part);
				const isFirst = calls.filter((each) => each === part).length === 1;
				// Part 0 fails for good at once, part 1 is tried again inside, and comes back late.
				return isFirst ? failed(part === '0' ? 'for good' : 'for now', index) : keep(item, index);
			}),
		]);
		const options = nested([retry(2, 1), retry(2, 150)], call, 1);
		const run = await runWorkflow({
			...options,
			nodes: [
				...options.nodes.map((node) =>
					node.name === 'Step1'
						? {
								...node,
								parameters: {
									...node.parameters,
									rules: { rule: [{ messagePattern: 'for good', action: 'give-up' }] },
								},
							}
						: node,
				),
				{ name: 'Split', type: 'split' },
			],
			connections: (options.connections as string[])
				.filter((wire) => !wire.startsWith('Step0.Call'))
				.concat(['Step0.Call -> Split', 'Split -> Step1.Items']),
			nodeTypes: { ...options.nodeTypes, split: splitter(2) },
		});
		expect(run.status).toBe('success');
		expect(calls.filter((part) => part === '1')).toHaveLength(3);
		expect(ends(run)).toEqual({ good: [1, 1], bad: [], rejected: [] });
	});

	it('keeps an outer slot while items wait inside', async () => {
		const call = scripted({ 1: ['fail', 'fail', 'ok'], 2: ['fail', 'ok'] });
		let inside = 0;
		let most = 0;
		const options = nested([bulkhead(2), retry(3, 20)], call.type, 6);
		const run = await runWorkflow(options);
		expect(sortedEnds(run).good).toEqual([1, 2, 3, 4, 5, 6]);
		// What left the outer step and has not come back, run by run.
		const left = run.runData.Step0!.map(({ data }) => data!.main!);
		for (const [called, ...back] of left as INodeExecutionData[][][]) {
			inside -= back.slice(0, 3).reduce((sum, list) => sum + (list?.length ?? 0), 0);
			inside += called!.length;
			most = Math.max(most, inside);
		}
		expect(inside).toBe(0);
		expect(most).toBe(2);
	});

	it('uses an outer slot as soon as it is free, even while another item waits inside for long', async () => {
		// Items 3 and 4 have tried in vain for a slot when item 2 frees one; item 1 keeps the other for more than an hour.
		const call = scripted({ 1: ['fail', 'ok'], 2: ['fail', 'ok'] });
		const longForTheFirst: Layer = {
			type: 'retry',
			parameters: {
				delayMs: '={{ $json.id === 1 ? 3_600_000 : 1 }}',
				options: { jitter: 'none', maxDelayMs: 3_600_000 },
			},
		};
		const run = await runWorkflow(nested([bulkhead(2), longForTheFirst], call.type, 4));
		expect(run.status).toBe('waiting');
		expect(ends(run).good).toEqual([2, 3, 4]);
		expect(call.calls).toEqual(['1', '2', '2', '3', '4']);
	});
});

it("one step's Success feeds another step's Items", async () => {
	const first = scripted({ 1: ['fail', 'ok'], 3: ['fail'] });
	const second = scripted({ 2: ['fail', 'ok'], 4: ['fail'] });
	const run = await runWorkflow({
		workflowId: newWorkflowId(),
		nodes: [
			{ name: 'Start', type: 'start' },
			{ name: 'One', ...retry() },
			{ name: 'First', type: 'first', onError: 'continueErrorOutput' },
			{ name: 'Two', ...retry() },
			{ name: 'Second', type: 'second', onError: 'continueErrorOutput' },
			...endNodes,
		],
		connections: [
			'Start -> One.Items',
			'One.Call -> First',
			'First.Success -> One.Succeeded',
			'First.Error -> One.Failed',
			'One.Success -> Two.Items',
			'One.Failed -> Rejected',
			'Two.Call -> Second',
			'Second.Success -> Two.Succeeded',
			'Second.Error -> Two.Failed',
			...endWires('Two', ['Rejected']),
		],
		nodeTypes: {
			...guarded({ step: 'retry' }).nodeTypes,
			first: first.type,
			second: second.type,
		},
		items: items(5),
	});
	expect(run.status).toBe('success');
	expect(sortedEnds(run)).toEqual({ good: [1, 2, 5], bad: [4], rejected: [3] });
	expect([1, 2, 3, 4, 5].map(first.callsOf)).toEqual([2, 1, 3, 1, 1]);
	expect([1, 2, 4, 5].map(second.callsOf)).toEqual([1, 2, 3, 1]);
});
