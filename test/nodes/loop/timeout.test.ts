import type { INodeType } from 'n8n-workflow';

import {
	childId,
	endNodes,
	endWires,
	ends,
	errorsAt,
	guarded,
	guardedChild,
	items,
	stepTypes,
} from '../../support/guarded-workflow';
import { figure } from '../../support/process-state';
import { gated, probe, scripted, slow, start, stopper } from '../../support/test-nodes';
import { runWorkflow, startWorkflow } from '../../support/workflow-harness';

it('lets through what is in time', async () => {
	const run = await runWorkflow(
		guarded({ step: 'timeout', parameters: { timeoutMs: 30_000 }, items: items(3) }),
	);
	expect(ends(run)).toEqual({ good: [1, 2, 3], bad: [], rejected: [] });
});

it('does not hold the time that other items took against an item', async () => {
	// One run of 160 ms for four items: n8n does not say which took how long.
	const run = await runWorkflow(
		guarded({
			step: 'timeout',
			parameters: { timeoutMs: 120 },
			call: slow(160).type,
			items: items(4),
		}),
	);
	expect(ends(run)).toEqual({ good: [1, 2, 3, 4], bad: [], rejected: [] });
});

it.each([
	['a success', start()],
	['a failure', stopper()],
])('takes %s that comes too late for a failure by time-out', async (_, then) => {
	const { type } = slow(60);
	const run = await runWorkflow(
		guarded({
			step: 'timeout',
			parameters: { timeoutMs: 20 },
			nodes: [
				{ name: 'Slow', type: 'slow' },
				{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
			],
			wires: [
				'Step.Call -> Slow',
				'Slow -> Call',
				'Call.Success -> Step.Succeeded',
				'Call.Error -> Step.Failed',
			],
			call: then,
			nodeTypes: { slow: type },
			items: items(2),
		}),
	);
	expect(ends(run)).toEqual({ good: [], bad: [1, 2], rejected: [] });
	expect(errorsAt(run, 'Bad')[0]).toMatchObject({
		code: 'TIMEOUT',
		message: 'The attempt did not finish within 20 ms',
	});
});

it('adapts to how long recent calls took', async () => {
	const policyName = 'adaptive';
	const workflow = guarded({
		step: 'timeout',
		parameters: {
			strategy: 'adaptive',
			timeoutMs: 30_000,
			options: { policyName, minimumNumberOfCalls: 3, minTimeoutMs: 1 },
		},
	});
	await runWorkflow({ ...workflow, items: items(3) });
	const learnt = await figure('timeout', policyName, 'timeoutMs');
	expect(learnt).toBeLessThan(5_000);
	const { type } = slow(learnt + 50);
	const run = await runWorkflow({
		...workflow,
		nodeTypes: { ...workflow.nodeTypes, call: type },
		items: [{ id: 4 }],
	});
	expect(ends(run).bad).toEqual([4]);
});

it('hands its deadline down: a retry inside gives up on a wait beyond it', async () => {
	const call = scripted({ 1: ['fail'] });
	const startedAt = Date.now();
	const run = await runWorkflow(
		guarded({
			step: 'timeout',
			// For both items together: twice that.
			parameters: { timeoutMs: 10_000 },
			nodes: [
				{
					name: 'Retry',
					type: 'retry',
					parameters: { delayMs: 30_000, options: { jitter: 'none' } },
				},
				{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
			],
			wires: [
				'Step.Call -> Retry.Items',
				'Retry.Call -> Call',
				'Call.Success -> Retry.Succeeded',
				'Call.Error -> Retry.Failed',
				'Retry.Success -> Step.Succeeded',
				'Retry.Failed -> Step.Failed',
			],
			call: call.type,
			items: items(2),
		}),
	);
	expect(ends(run)).toEqual({ good: [2], bad: [1], rejected: [] });
	expect(Date.now() - startedAt).toBeLessThan(15_000);
	expect(call.callsOf(1)).toBe(1);
	expect(run.json('Retry', 'Failed')[0]).toMatchObject({ error: { gaveUp: 'deadline' } });
});

describe('around a step that guards a sub-workflow', () => {
	/** A time-out around a retry of that sub-workflow, one item at a time. */
	const around = (timeoutMs: number, call: INodeType, count: number) => {
		const child = guardedChild({
			step: 'retry',
			parameters: { maxAttempts: 1, parallelism: 1 },
			call,
			items: items(count),
		});
		return {
			...child,
			nodes: [
				...child.nodes.map((node) => (node.name === 'Step' ? { ...node, name: 'Inner' } : node)),
				{ name: 'Step', type: 'timeout', parameters: { timeoutMs } },
			],
			connections: [
				'Start -> Step.Items',
				'Step.Call -> Inner.Items',
				'Inner.Success -> Step.Succeeded',
				'Inner.Failed -> Step.Failed',
				'Inner.Rejected -> Step.Failed',
				...endWires('Step'),
			],
		};
	};

	it('hands its deadline down', async () => {
		const work = slow(400);
		const run = await runWorkflow(around(50, work.type, 1));
		// The call was given up while the child was still at work.
		expect(work.state.finished).toBe(0);
		expect(run.json('Inner', 'Failed')[0]).toMatchObject({ error: { code: 'TIMEOUT' } });
		expect(ends(run)).toMatchObject({ good: [], bad: [1] });
	});

	it('lets the step inside take as long for several items as it does itself', async () => {
		// 400 ms in all, of which each item has its share of 100 ms.
		const run = await runWorkflow(around(250, slow(100).type, 4));
		expect(ends(run)).toEqual({ good: [1, 2, 3, 4], bad: [], rejected: [] });
	});
});

it('bounds the whole call in a pipeline: a result past the total time is late', async () => {
	const { type } = slow(60);
	const run = await runWorkflow(
		guarded({
			step: 'resiliencePipeline',
			parameters: {
				mode: 'between',
				useTotalTimeout: true,
				totalTimeoutMs: 20,
				retry: { delayMs: 1 },
			},
			call: type,
			items: items(1),
		}),
	);
	expect(ends(run)).toEqual({ good: [], bad: [1], rejected: [] });
	expect(errorsAt(run, 'Bad')[0]).toMatchObject({
		code: 'TIMEOUT',
		message: 'The call did not finish within 20 ms',
		attempts: 1,
	});
});

describe('a call whose time is over before it was made', () => {
	const late = { code: 'DEADLINE_EXCEEDED', message: 'No time is left before the deadline' };

	it.each([
		['around nodes', {}, ['Inner.Call -> Call', 'Call -> Inner.Succeeded']],
		['around a sub-workflow', { mode: 'subWorkflow', workflowId: childId('child') }, []],
	])('is turned away by a step inside, %s', async (_, parameters, wires) => {
		const call = scripted();
		const run = await runWorkflow({
			...guardedChild({ step: 'timeout', call: call.type, items: items(1) }),
			nodes: [
				{ name: 'Start', type: 'start' },
				{ name: 'Step', type: 'timeout', parameters: { timeoutMs: 20 } },
				{ name: 'Slow', type: 'slow' },
				{ name: 'Inner', type: 'retry', parameters },
				{ name: 'Call', type: 'call' },
				...endNodes,
			],
			connections: [
				'Start -> Step.Items',
				'Step.Call -> Slow',
				'Slow -> Inner.Items',
				...wires,
				'Inner.Success -> Step.Succeeded',
				'Inner.Failed -> Step.Failed',
				'Inner.Rejected -> Step.Failed',
				...endWires('Step'),
			],
			nodeTypes: {
				...stepTypes,
				start: start(),
				probe: probe(),
				call: call.type,
				slow: slow(60).type,
			},
		});
		expect(call.calls).toEqual([]);
		expect(run.output('Inner', 'Failed')).toEqual([]);
		const [{ error } = {}] = run.json('Inner', 'Rejected');
		expect(error).toMatchObject(late);
		expect(error).not.toHaveProperty('attempts');
		expect(ends(run)).toEqual({ good: [], bad: [1], rejected: [] });
	});

	it.each([
		['around nodes', guarded],
		['around a sub-workflow', guardedChild],
	])('is turned away where it waits for a slot, %s', async (mode, make) => {
		const hog = gated();
		const pipeline = (totalTimeoutMs: number, call: INodeType) =>
			make({
				step: 'resiliencePipeline',
				parameters: {
					useTotalTimeout: true,
					totalTimeoutMs,
					useBulkhead: true,
					bulkhead: { maxConcurrentCalls: 1 },
					options: { policyName: `late ${mode}` },
				},
				call,
				items: items(1),
			});
		const holding = startWorkflow(pipeline(30_000, hog.type));
		await hog.entered(1);
		const run = await runWorkflow(pipeline(50, start()));
		expect(ends(run)).toEqual({ good: [], bad: [], rejected: [1] });
		expect(errorsAt(run, 'Rejected')[0]).toMatchObject({
			code: late.code,
			message: expect.stringContaining(late.message),
		});
		hog.release();
		await holding.finished;
	});
});
