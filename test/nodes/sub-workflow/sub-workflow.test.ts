import type { INodeParameters } from 'n8n-workflow';

import {
	childId,
	ends,
	errorsAt,
	guardedChild,
	items,
	type Guarded,
} from '../../support/guarded-workflow';
import {
	figure,
	holders,
	leasesKept,
	setAheadTo,
	setBack,
	stateOf,
} from '../../support/process-state';
import {
	defineNode,
	gated,
	keep,
	recorder,
	reorderer,
	scripted,
	slow,
	splitter,
	throwing,
	waiter,
	type Plan,
} from '../../support/test-nodes';
import { until } from '../../support/until';
import { runWorkflow, startWorkflow } from '../../support/workflow-harness';

const retry: INodeParameters = { maxAttempts: 3, delayMs: 1, options: { jitter: 'none' } };

const planned = (plan: Plan, options: Partial<Guarded> = {}) => {
	const call = scripted(plan);
	return {
		call,
		workflow: guardedChild({
			step: 'retry',
			parameters: retry,
			call: throwing(call.type),
			items: items(5),
			...options,
		}),
	};
};

afterEach(() => {
	setBack();
	expect(leasesKept()).toBe(0);
});

describe('items', () => {
	it('are tried again each on its own; results stand in the order of the items', async () => {
		const { call, workflow } = planned({
			1: ['fail', 'fail', 'ok'],
			3: ['fail'],
			4: ['fail', 'ok'],
		});
		const run = await runWorkflow(workflow);
		expect(run.status).toBe('success');
		expect(ends(run)).toEqual({ good: [1, 2, 4, 5], bad: [3], rejected: [] });
		expect([1, 2, 3, 4, 5].map(call.callsOf)).toEqual([3, 1, 3, 2, 1]);
		expect(errorsAt(run, 'Bad')).toMatchObject([{ message: 'planned failure of 3', attempts: 3 }]);
		expect(run.json('Bad')[0]).toMatchObject({ id: 3 });
		expect(run.runCount('Step')).toBe(1);
	});

	it('run several at once, as many as allowed and no more', async () => {
		const { type, record } = recorder(30);
		const run = await runWorkflow(
			guardedChild({
				step: 'retry',
				parameters: { parallelism: 3 },
				call: type,
				items: items(9),
			}),
		);
		expect(record).toMatchObject({ peak: 3, runs: 9, active: 0 });
		expect(ends(run).good).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
	});

	it('run one by one where that is asked for', async () => {
		const { type, record } = recorder(1);
		await runWorkflow(
			guardedChild({ step: 'retry', parameters: { parallelism: 1 }, call: type, items: items(4) }),
		);
		expect(record).toMatchObject({ peak: 1, ids: [1, 2, 3, 4] });
	});

	it('may come back as several, or as none', async () => {
		const several = await runWorkflow(
			guardedChild({ step: 'retry', call: splitter(2), items: items(2) }),
		);
		expect(ends(several).good).toEqual([1, 1, 2, 2]);
		const none = await runWorkflow(
			guardedChild({
				step: 'retry',
				call: defineNode('none', () => [[]]),
				items: items(2),
			}),
		);
		expect(none.status).toBe('success');
		expect(ends(none)).toEqual({ good: [], bad: [], rejected: [] });
	});

	it('reach the child as they are, with binary data, and link to its execution', async () => {
		const binary = { data: { data: 'aGk=', mimeType: 'text/plain' } };
		const run = await runWorkflow(
			guardedChild({ step: 'retry', call: reorderer(), items: [{ json: { id: 1 }, binary }] }),
		);
		expect(run.output('Step', 'Success')).toMatchObject([
			{
				json: { id: 1 },
				binary,
				pairedItem: { item: 0 },
				metadata: {
					subExecution: { executionId: run.children[0]!.executionId, workflowId: 'child' },
				},
			},
		]);
	});

	it('are called once in all where n8n is told to execute the step once', async () => {
		const { call, workflow } = planned(
			{ 1: ['fail', 'ok'] },
			{ stepNode: { executeOnce: true }, items: items(3) },
		);
		expect(ends(await runWorkflow(workflow))).toEqual({ good: [1], bad: [], rejected: [] });
		expect(call.calls).toEqual(['1', '1']);
	});

	it('leave by the same outputs when there are none', async () => {
		const run = await runWorkflow(guardedChild({ step: 'retry', items: [] }));
		expect(run.status).toBe('success');
	});
});

describe('a child that', () => {
	it('starts to wait is reported as failed, and the parent does not wait', async () => {
		const run = await runWorkflow(
			guardedChild({ step: 'retry', parameters: retry, call: waiter(), items: items(2) }),
		);
		expect(run.status).toBe('success');
		// It goes on by itself later: another attempt would do its work once more.
		expect(run.children).toHaveLength(2);
		expect(ends(run)).toEqual({ good: [], bad: [1, 2], rejected: [] });
		expect(errorsAt(run, 'Bad')[0]).toMatchObject({
			message: 'The sub-workflow started to wait',
			remedy: expect.stringContaining('remove its Wait'),
		});
	});

	it('does not exist fails its items, and says so', async () => {
		const run = await runWorkflow(
			guardedChild({
				step: 'retry',
				parameters: { ...retry, workflowId: childId('nowhere') },
				items: items(2),
			}),
		);
		expect(run.status).toBe('success');
		expect(ends(run)).toEqual({ good: [], bad: [1, 2], rejected: [] });
		expect(errorsAt(run, 'Bad')[0]).toMatchObject({
			message: 'The sub-workflow "nowhere" cannot be started: Workflow does not exist.',
			remedy: expect.stringContaining('Choose a workflow'),
			attempts: 1,
		});
	});

	it('ends in a node with several outputs loses nothing', async () => {
		const branch = defineNode(
			'branch',
			(list) => [[], list.map((item, index) => keep(item, index))],
			{ outputs: ['main', 'main'] },
		);
		const run = await runWorkflow(guardedChild({ step: 'retry', call: branch, items: items(2) }));
		expect(ends(run)).toEqual({ good: [1, 2], bad: [], rejected: [] });
	});

	it('was not chosen is an error that says what to do', async () => {
		const run = await runWorkflow(
			guardedChild({
				step: 'retry',
				parameters: { workflowId: childId('={{ $json.nothing }}') },
				items: items(1),
			}),
		);
		expect(run.status).toBe('error');
		expect(run.error).toMatchObject({
			name: 'NodeOperationError',
			description: 'Choose a workflow from the list, or give its id',
			context: { itemIndex: 0 },
		});
	});

	it('fails with a status is judged by it', async () => {
		const { call, workflow } = planned({
			1: [{ error: { message: 'Request failed with status code 404' } }],
			2: [{ error: { message: 'Request failed with status code 503' } }, 'ok'],
		});
		const run = await runWorkflow({ ...workflow, items: items(2) });
		expect(ends(run)).toEqual({ good: [2], bad: [1], rejected: [] });
		expect(call.callsOf(1)).toBe(1);
		expect(errorsAt(run, 'Bad')[0]).toMatchObject({ statusCode: 404, attempts: 1 });
	});

	it('takes too long is given up while it still runs, and stops at its next node', async () => {
		const work = slow(500);
		const base = guardedChild({
			step: 'timeout',
			parameters: { timeoutMs: 50 },
			call: work.type,
			items: items(1),
		});
		const { child } = base.subWorkflows!;
		const run = await runWorkflow({
			...base,
			subWorkflows: {
				child: {
					nodes: [...child!.nodes, { name: 'After', type: 'start' }],
					connections: ['Begin -> Work', 'Work -> After'],
				},
			},
		});
		expect(ends(run)).toEqual({ good: [], bad: [1], rejected: [] });
		expect(errorsAt(run, 'Bad')[0]).toMatchObject({ code: 'TIMEOUT', attempts: 1 });
		expect(work.state.finished).toBe(0);
		await until(() => run.children[0]!.status === 'canceled');
		expect(run.children[0]!.run!.data.resultData.runData.After).toBeUndefined();
	});

	it('takes too long is tried again, each attempt with its own time', async () => {
		let calls = 0;
		const call = defineNode('call', async function (list) {
			if (++calls < 3) {
				await new Promise((resolve) => setTimeout(resolve, 400));
			}
			return [list.map(keep)];
		});
		const run = await runWorkflow(
			guardedChild({
				step: 'resiliencePipeline',
				parameters: {
					retry: { delayMs: 1, jitter: 'none' },
					attemptTimeout: { timeoutMs: 200 },
				},
				call,
				items: items(1),
			}),
		);
		expect(ends(run).good).toEqual([1]);
		expect(calls).toBe(3);
	});

	it('is stopped with the parent gives its permits back at once', async () => {
		const work = gated();
		const policyName = 'stopped-children';
		const running = startWorkflow(
			guardedChild({
				step: 'bulkhead',
				parameters: { maxConcurrentCalls: 2, options: { policyName } },
				call: work.type,
				items: items(4),
			}),
		);
		await work.entered(2);
		running.cancel();
		const run = await running.finished;
		expect(run.status).toBe('canceled');
		await until(async () => (await holders(policyName)) === 0);
		expect(await figure('bulkhead', policyName, 'queued')).toBe(0);
		expect(run.children).toHaveLength(2);
		work.release();
	});
});

describe('policies', () => {
	it('a bulkhead bounds the children of all executions', async () => {
		const { type, record } = recorder(20);
		const workflow = guardedChild({
			step: 'bulkhead',
			parameters: { maxConcurrentCalls: 2 },
			call: type,
			items: items(4),
		});
		const runs = await Promise.all([runWorkflow(workflow), runWorkflow(workflow)]);
		for (const run of runs) expect(ends(run).good).toEqual([1, 2, 3, 4]);
		expect(record).toMatchObject({ peak: 2, runs: 8 });
	});

	it('a breaker opens in the middle of the items and rejects the rest', async () => {
		const policyName = 'child-breaker';
		const { call, workflow } = planned(
			{ 2: ['fail'], 3: ['fail'] },
			{
				step: 'circuitBreaker',
				parameters: { parallelism: 1, options: { policyName, consecutiveFailureThreshold: 2 } },
			},
		);
		const run = await runWorkflow(workflow);
		expect(ends(run)).toEqual({ good: [1], bad: [2, 3], rejected: [4, 5] });
		expect(call.calls).toEqual(['1', '2', '3']);
		expect(await stateOf(policyName)).toBe('open');
		expect(ends(await runWorkflow({ ...workflow, items: [{ id: 9 }] })).rejected).toEqual([9]);
	});

	it('a rate limiter rejects what is beyond the limit', async () => {
		const run = await runWorkflow(
			guardedChild({
				step: 'rateLimiter',
				parameters: { limit: 2, periodMs: 60_000, whenLimited: 'reject', parallelism: 1 },
				items: items(3),
			}),
		);
		expect(ends(run)).toEqual({ good: [1, 2], bad: [], rejected: [3] });
	});
});

describe('a wait of 65 s or more', () => {
	it('suspends the execution and goes on after it, the others not held up', async () => {
		const { call, workflow } = planned(
			{ 2: ['fail', 'ok'], 4: ['fail', 'fail', 'ok'] },
			{ parameters: { delayMs: 100_000, options: { jitter: 'none', maxDelayMs: 400_000 } } },
		);
		const first = await runWorkflow(workflow);
		expect(first.status).toBe('waiting');
		expect(ends(first).good).toEqual([1, 3, 5]);
		setAheadTo(first.waitTill!);
		const second = await first.resume();
		expect(second.status).toBe('waiting');
		expect(ends(second).good).toEqual([1, 3, 5, 2]);
		setAheadTo(second.waitTill!);
		const last = await second.resume();
		expect(last.status).toBe('success');
		expect(ends(last)).toEqual({ good: [1, 3, 5, 2, 4], bad: [], rejected: [] });
		expect([1, 2, 3, 4, 5].map(call.callsOf)).toEqual([1, 2, 1, 3, 1]);
		expect(leasesKept()).toBe(0);
	});

	it('counts the attempts over it', async () => {
		const { workflow } = planned(
			{ 1: ['fail'] },
			{
				items: items(1),
				parameters: {
					maxAttempts: 2,
					delayMs: 100_000,
					options: { jitter: 'none', maxDelayMs: 400_000 },
				},
			},
		);
		const first = await runWorkflow(workflow);
		setAheadTo(first.waitTill!);
		const last = await first.resume();
		expect(errorsAt(last, 'Bad')).toMatchObject([{ attempts: 2 }]);
	});

	it('inside a loop: the outer step knows that the item is not dropped', async () => {
		const call = scripted({ 1: ['fail', 'ok'] });
		const base = guardedChild({
			step: 'retry',
			parameters: { delayMs: 100_000, options: { jitter: 'none', maxDelayMs: 400_000 } },
			call: throwing(call.type),
			items: items(3),
		});
		const first = await runWorkflow({
			...base,
			nodes: [
				...base.nodes.map((node) => (node.name === 'Step' ? { ...node, name: 'Inner' } : node)),
				{ name: 'Step', type: 'bulkhead', parameters: { maxConcurrentCalls: 2 } },
			],
			connections: [
				'Start -> Step.Items',
				'Step.Call -> Inner.Items',
				'Inner.Success -> Step.Succeeded',
				'Inner.Failed -> Step.Failed',
				'Step.Success -> Good',
				'Step.Failed -> Bad',
				'Step.Rejected -> Rejected',
			],
		});
		expect(first.status).toBe('waiting');
		expect(ends(first).good).toEqual([2, 3]);
		setAheadTo(first.waitTill!);
		const last = await first.resume();
		expect(last.status).toBe('success');
		expect(ends(last).good).toEqual([2, 3, 1]);
	});
});
