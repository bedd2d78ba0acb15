import type { INodeParameters } from 'n8n-workflow';

import {
	ends,
	errorsAt,
	guarded,
	items,
	sortedEnds,
	type Guarded,
} from '../../support/guarded-workflow';
import { figure, holders, leasesKept, setAhead, setBack } from '../../support/process-state';
import {
	defineNode,
	dropper,
	gated,
	keep,
	scripted,
	start,
	stopper,
	waiter,
} from '../../support/test-nodes';
import { until } from '../../support/until';
import { runWorkflow, startWorkflow } from '../../support/workflow-harness';

let names = 0;

/** A bulkhead under a name of its own. */
function bulkhead(parameters: INodeParameters, rest: Partial<Guarded> = {}) {
	const policyName = `bulkhead-${++names}`;
	const { options, ...top } = parameters as { options?: INodeParameters };
	const workflow = guarded({
		step: 'bulkhead',
		parameters: { ...top, options: { policyName, ...options } },
		...rest,
	});
	return { policyName, workflow };
}

afterEach(() => {
	setBack();
	expect(leasesKept()).toBe(0);
});

describe('fewer slots than items', () => {
	it('lets items through in waves, each one once', async () => {
		const call = scripted({ 3: ['fail'] });
		const { workflow, policyName } = bulkhead(
			{ maxConcurrentCalls: 2 },
			{ call: call.type, items: items(7) },
		);
		const run = await runWorkflow(workflow);
		expect(run.status).toBe('success');
		expect(sortedEnds(run)).toEqual({ good: [1, 2, 4, 5, 6, 7], bad: [3], rejected: [] });
		const waves = run.runData.Call!.map(({ data }) => data!.main!.flat().length);
		expect(waves).toEqual([2, 2, 2, 1]);
		expect(await holders(policyName)).toBe(0);
	});

	it('goes on with the others when some are dropped', async () => {
		const { workflow } = bulkhead(
			{ maxConcurrentCalls: 2 },
			{ call: dropper(({ id }) => Number(id) > 3), items: items(7) },
		);
		const run = await runWorkflow(workflow);
		expect(run.status).toBe('success');
		expect(sortedEnds(run)).toEqual({ good: [4, 5, 6, 7], bad: [], rejected: [] });
	});

	it('takes one place in the queue, however many items it has', async () => {
		const { workflow } = bulkhead(
			{ maxConcurrentCalls: 1, options: { maxQueueSize: 1 } },
			{ items: items(5) },
		);
		const run = await runWorkflow(workflow);
		expect(sortedEnds(run)).toEqual({ good: [1, 2, 3, 4, 5], bad: [], rejected: [] });
	});

	it('rejects at once what finds no slot when there is no queue', async () => {
		const { workflow } = bulkhead(
			{ maxConcurrentCalls: 3, options: { maxQueueSize: 0 } },
			{ items: items(5) },
		);
		const run = await runWorkflow(workflow);
		expect(sortedEnds(run)).toEqual({ good: [1, 2, 3], bad: [], rejected: [4, 5] });
		expect(errorsAt(run, 'Rejected')[0]).toMatchObject({
			code: 'BULKHEAD_FULL',
			message: expect.stringContaining('No slot became free'),
			remedy: expect.any(String),
		});
	});

	it('lets a second batch in although the first one was dropped', async () => {
		const split = defineNode(
			'split',
			(list) => [
				list.slice(0, 1).map(keep),
				list.slice(1).map((item, index) => keep(item, index + 1)),
			],
			{
				outputs: ['main', 'main'],
			},
		);
		const base = guarded({
			step: 'bulkhead',
			parameters: { maxConcurrentCalls: 1 },
			nodes: [
				{ name: 'Split', type: 'split' },
				{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
			],
			nodeTypes: { split },
			call: dropper(({ id }) => Number(id) === 3),
			items: items(3),
		});
		const run = await runWorkflow({
			...base,
			connections: [
				...(base.connections as string[]).filter((wire) => !wire.startsWith('Start')),
				'Start -> Split',
				'Split.0 -> Step.Items',
				'Split.1 -> Step.Items',
			],
		});
		expect(run.status).toBe('success');
		expect(sortedEnds(run)).toEqual({ good: [3], bad: [], rejected: [] });
	});
});

describe('two executions at once', () => {
	it('share the slots: the second waits in line and goes on when the first is done', async () => {
		const call = gated();
		const { workflow, policyName } = bulkhead({ maxConcurrentCalls: 1 }, { call: call.type });
		const first = startWorkflow({ ...workflow, items: [{ id: 1 }] });
		await call.entered(1);
		const second = startWorkflow({ ...workflow, items: [{ id: 2 }] });
		await until(async () => (await figure('bulkhead', policyName, 'queued')) === 1);
		expect(call.state.entered).toBe(1);
		call.release();
		await call.entered(2);
		call.release();
		expect(ends(await first.finished).good).toEqual([1]);
		expect(ends(await second.finished).good).toEqual([2]);
		expect(await holders(policyName)).toBe(0);
	});

	it('with other keys do not share them', async () => {
		const call = gated();
		const { workflow } = bulkhead(
			{ maxConcurrentCalls: 1, key: '={{ $json.user }}' },
			{ call: call.type },
		);
		const first = startWorkflow({ ...workflow, items: [{ id: 1, user: 'a' }] });
		const second = startWorkflow({ ...workflow, items: [{ id: 2, user: 'b' }] });
		await call.entered(2);
		call.release();
		expect(ends(await first.finished).good).toEqual([1]);
		expect(ends(await second.finished).good).toEqual([2]);
	});

	it.each([
		['at once when nothing may wait', 0],
		['after the maximum wait', 60],
	])('reject %s', async (_, maxWaitDurationMs) => {
		const call = gated();
		const { workflow, policyName } = bulkhead(
			{ maxConcurrentCalls: 1, options: { maxWaitDurationMs } },
			{ call: call.type },
		);
		const first = startWorkflow({ ...workflow, items: [{ id: 1 }] });
		await call.entered(1);
		const startedAt = Date.now();
		const second = await runWorkflow({ ...workflow, items: [{ id: 2 }] });
		expect(Date.now() - startedAt).toBeGreaterThanOrEqual(maxWaitDurationMs - 1);
		expect(ends(second)).toEqual({ good: [], bad: [], rejected: [2] });
		expect(await figure('bulkhead', policyName, 'queued')).toBe(0);
		call.release();
		await first.finished;
	});

	it('give a free slot to the item of higher priority', async () => {
		const call = gated();
		const { workflow, policyName } = bulkhead(
			{ maxConcurrentCalls: 1, options: { priority: '={{ $json.priority }}' } },
			{ call: call.type },
		);
		const run = (id: number, priority: number) =>
			startWorkflow({ ...workflow, items: [{ id, priority }] });
		const first = run(1, 0);
		await call.entered(1);
		const done: number[] = [];
		const waiting = [run(2, 0), run(3, 5)];
		waiting.forEach((each, index) => void each.finished.then(() => done.push(index + 2)));
		await until(async () => (await figure('bulkhead', policyName, 'queued')) === 2);
		call.release();
		await call.entered(2);
		call.release();
		await call.entered(3);
		call.release();
		await Promise.all([first, ...waiting].map(async ({ finished }) => await finished));
		expect(done).toEqual([3, 2]);
	});
});

describe('slots come back', () => {
	it.each([
		['success', start(), 'success'],
		['failure', scripted({ 1: ['fail'] }).type, 'success'],
		['a failure that n8n sends on as a success', stopper(), 'success'],
		['dropped items', dropper(), 'success'],
	])('after %s', async (_, call, status) => {
		const { workflow, policyName } = bulkhead({ maxConcurrentCalls: 1 }, { call });
		const run = await runWorkflow({ ...workflow, items: [{ id: 1 }] });
		expect(run.status).toBe(status);
		expect(await holders(policyName)).toBe(0);
	});

	it('when the workflow ends with an error', async () => {
		const { workflow, policyName } = bulkhead(
			{ maxConcurrentCalls: 1 },
			{
				nodes: [{ name: 'Call', type: 'call' }],
				wires: ['Step.Call -> Call', 'Call -> Step.Succeeded'],
				call: stopper(),
			},
		);
		expect((await runWorkflow({ ...workflow, items: [{ id: 1 }] })).status).toBe('error');
		expect(await holders(policyName)).toBe(0);
	});

	it('when what succeeds does not come back', async () => {
		const { workflow, policyName } = bulkhead(
			{ maxConcurrentCalls: 1 },
			{
				nodes: [{ name: 'Call', type: 'call', onError: 'continueErrorOutput' }],
				wires: ['Step.Call -> Call', 'Call.1 -> Step.Failed'],
			},
		);
		expect((await runWorkflow({ ...workflow, items: [{ id: 1 }] })).status).toBe('success');
		expect(await holders(policyName)).toBe(0);
	});

	it('at once when the execution is stopped', async () => {
		const call = gated();
		const { workflow, policyName } = bulkhead({ maxConcurrentCalls: 1 }, { call: call.type });
		const running = startWorkflow({ ...workflow, items: [{ id: 1 }] });
		await call.entered();
		expect(await holders(policyName)).toBe(1);
		running.cancel();
		expect((await running.finished).status).toBe('canceled');
		expect(await holders(policyName)).toBe(0);
	});

	it('and places in line, too', async () => {
		const call = gated();
		const { workflow, policyName } = bulkhead({ maxConcurrentCalls: 1 }, { call: call.type });
		const first = startWorkflow({ ...workflow, items: [{ id: 1 }] });
		await call.entered();
		const second = startWorkflow({ ...workflow, items: [{ id: 2 }] });
		await until(async () => (await figure('bulkhead', policyName, 'queued')) === 1);
		second.cancel();
		expect((await second.finished).status).toBe('canceled');
		await until(async () => (await figure('bulkhead', policyName, 'queued')) === 0);
		call.release();
		await first.finished;
		expect(call.state.entered).toBe(1);
	});

	it('with their lease, when the execution waits or its process dies', async () => {
		const { workflow, policyName } = bulkhead(
			{ maxConcurrentCalls: 1, options: { maxWaitDurationMs: 0 } },
			{ call: waiter() },
		);
		const first = await runWorkflow({ ...workflow, items: [{ id: 1 }] });
		expect(first.status).toBe('waiting');
		expect(await holders(policyName)).toBe(1);
		const other = { ...workflow, nodeTypes: { ...workflow.nodeTypes, call: start() } };
		expect(ends(await runWorkflow({ ...other, items: [{ id: 2 }] })).rejected).toEqual([2]);
		setAhead(60_001);
		expect(ends(await runWorkflow({ ...other, items: [{ id: 3 }] })).good).toEqual([3]);
		// What comes back after its lease changes nothing for those who hold a slot now.
		expect(ends(await first.resume()).good).toEqual([1]);
		expect(await holders(policyName)).toBe(0);
	});
});
