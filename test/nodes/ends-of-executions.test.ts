import {
	childId,
	ends,
	errorsAt,
	guarded,
	guardedChild,
	items,
	sortedEnds,
	type StepType,
} from '../support/guarded-workflow';
import { holders, keysKept, leasesKept } from '../support/process-state';
import { gated, pairingLoser, recorder, scripted, start, throwing } from '../support/test-nodes';
import { until } from '../support/until';
import { runWorkflow, startWorkflow } from '../support/workflow-harness';

const steps: StepType[] = [
	'retry',
	'circuitBreaker',
	'rateLimiter',
	'bulkhead',
	'timeout',
	'fallback',
	'runOnce',
	'resiliencePipeline',
];

/** Nothing but what a step cannot do without. */
const parametersOf = (step: StepType) => (step === 'runOnce' ? { key: '={{ $json.id }}' } : {});

describe('as dragged in, with no setting touched', () => {
	it.each(steps)('%s passes good items through the nodes between', async (step) => {
		const run = await runWorkflow(
			guarded({ step, parameters: parametersOf(step), items: items(3) }),
		);
		expect(run.status).toBe('success');
		expect(ends(run)).toEqual({ good: [1, 2, 3], bad: [], rejected: [] });
		expect(run.runCount('Call')).toBe(1);
	});

	it.each(steps)('%s passes good items through a sub-workflow', async (step) => {
		const run = await runWorkflow(
			guardedChild({ step, parameters: parametersOf(step), items: items(3) }),
		);
		expect(run.status).toBe('success');
		expect(ends(run)).toEqual({ good: [1, 2, 3], bad: [], rejected: [] });
		expect(run.children).toHaveLength(3);
	});
});

describe('stopping the execution', () => {
	/** A wait of half a minute or more that must end at once. */
	const soon = 10_000;

	const stopped = async (workflow: ReturnType<typeof guarded>, ready: () => Promise<unknown>) => {
		const running = startWorkflow(workflow);
		await ready();
		const stoppedAt = Date.now();
		running.cancel();
		const run = await running.finished;
		expect(run.status).toBe('canceled');
		expect(Date.now() - stoppedAt).toBeLessThan(soon);
		expect(leasesKept()).toBe(0);
		return run;
	};

	it('ends the delay of a retry', async () => {
		const call = scripted({ 1: ['fail'] });
		await stopped(
			guarded({
				step: 'retry',
				parameters: { delayMs: 30_000, options: { jitter: 'none' } },
				call: call.type,
				items: items(1),
			}),
			async () => await until(() => call.callsOf(1) === 1),
		);
		expect(call.callsOf(1)).toBe(1);
	});

	it('ends the wait for a rate limiter', async () => {
		const call = scripted();
		await stopped(
			guarded({
				step: 'rateLimiter',
				parameters: { limit: 1, periodMs: 40_000 },
				call: call.type,
				items: items(2),
			}),
			async () => await until(() => call.callsOf(1) === 1),
		);
		expect(call.callsOf(2)).toBe(0);
	});

	it('ends the delay of a retry around a sub-workflow', async () => {
		const call = scripted({ 1: ['fail'] });
		await stopped(
			guardedChild({
				step: 'retry',
				parameters: { delayMs: 30_000, options: { jitter: 'none' } },
				call: throwing(call.type),
				items: items(1),
			}),
			async () => await until(() => call.callsOf(1) === 1),
		);
	});

	it('gives the slots of a pipeline back while its sub-workflow still runs', async () => {
		const work = gated();
		const policyName = 'stopped-pipeline';
		await stopped(
			guardedChild({
				step: 'resiliencePipeline',
				parameters: { useBulkhead: true, options: { policyName } },
				call: work.type,
				items: items(1),
			}),
			async () => await work.entered(),
		);
		expect(await holders(policyName)).toBe(0);
		work.release();
	});
});

describe('outputs that lead nowhere', () => {
	it('fail the execution when an item fails, and say what to do', async () => {
		const call = scripted({ 2: ['fail'] });
		const run = await runWorkflow(
			guarded({ step: 'bulkhead', call: call.type, items: items(3), unwired: ['Failed'] }),
		);
		expect(run.status).toBe('error');
		expect(run.error).toMatchObject({
			name: 'NodeOperationError',
			message: 'planned failure of 2',
			description: expect.stringContaining('Wire the Failed output'),
			node: { name: 'Step' },
			context: { itemIndex: expect.any(Number) },
		});
	});

	it('send rejected items to Failed', async () => {
		const run = await runWorkflow(
			guarded({
				step: 'rateLimiter',
				parameters: { limit: 1, periodMs: 60_000, whenLimited: 'reject' },
				items: items(2),
				unwired: ['Rejected'],
			}),
		);
		expect(run.status).toBe('success');
		expect(ends(run)).toMatchObject({ good: [1], bad: [2] });
		expect(errorsAt(run, 'Bad')[0]).toMatchObject({ code: 'RATE_LIMITED' });
	});

	it('fail the execution when an item is rejected and neither is wired', async () => {
		const run = await runWorkflow(
			guarded({
				step: 'rateLimiter',
				parameters: { limit: 1, periodMs: 60_000, whenLimited: 'reject' },
				items: items(2),
				unwired: ['Rejected', 'Failed'],
			}),
		);
		expect(run.status).toBe('error');
		expect(run.error?.message).toContain('Rate limit is used up');
	});

	it('do not fail it where the step is told to go on', async () => {
		const call = scripted({ 2: ['fail'] });
		const run = await runWorkflow(
			guarded({
				step: 'bulkhead',
				call: call.type,
				items: items(3),
				unwired: ['Failed'],
				stepNode: { onError: 'continueRegularOutput' },
			}),
		);
		expect(run.status).toBe('success');
		expect(ends(run).good).toEqual([1, 2, 3]);
		expect(run.json('Good')[1]).toMatchObject({ error: { message: 'planned failure of 2' } });
	});

	it('fail it around a sub-workflow, too', async () => {
		const call = scripted({ 2: ['fail'] });
		const run = await runWorkflow(
			guardedChild({
				step: 'bulkhead',
				call: throwing(call.type),
				items: items(3),
				unwired: ['Failed', 'Rejected'],
			}),
		);
		expect(run.status).toBe('error');
		expect(run.error).toMatchObject({
			message: 'planned failure of 2',
			context: { itemIndex: 1 },
			node: { name: 'Step' },
		});
	});
});

describe('a parameter that cannot be used for one item', () => {
	const weighed = (onError?: 'continueRegularOutput' | 'continueErrorOutput', inChild = false) =>
		(inChild ? guardedChild : guarded)({
			step: 'rateLimiter',
			parameters: { limit: 100, options: { weight: '={{ $json.weight }}' } },
			stepNode: { onError },
			items: [
				{ id: 1, weight: 1 },
				{ id: 2, weight: 'heavy' },
				{ id: 3, weight: 2 },
			],
		});

	it.each([false, true])(
		'stops the workflow and names the item (sub-workflow: %s)',
		async (inChild) => {
			const run = await runWorkflow(weighed(undefined, inChild));
			expect(run.status).toBe('error');
			expect(run.error).toMatchObject({
				name: 'NodeOperationError',
				message: expect.stringContaining('"Weight" is "heavy"'),
				context: { itemIndex: 1 },
			});
		},
	);

	it.each([
		['continueRegularOutput', false],
		['continueErrorOutput', false],
		['continueRegularOutput', true],
		['continueErrorOutput', true],
	] as const)('fails only that item with %s (sub-workflow: %s)', async (onError, inChild) => {
		const run = await runWorkflow(weighed(onError, inChild));
		expect(run.status).toBe('success');
		expect(ends(run)).toEqual({ good: [1, 3], bad: [2], rejected: [] });
		expect(errorsAt(run, 'Bad')[0]).toMatchObject({
			message: expect.stringContaining('"Weight" is "heavy"'),
			attempts: 0,
		});
	});
});

describe('what fails for all items, where the step is told to go on', () => {
	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'never sends them to the protected nodes, nor to Success (%s)',
		async (onError) => {
			const stepNode = { onError };
			const legacy = await runWorkflow(
				guarded({
					step: 'retry',
					items: items(2),
					stepNode,
					settings: { executionOrder: 'v0' },
				}),
			);
			expect(legacy.runCount('Call')).toBe(0);
			expect(legacy.json('Step', 'Failed')).toMatchObject([{ id: 1 }, { id: 2 }]);

			const parallel = await runWorkflow(
				guardedChild({
					step: 'retry',
					parameters: { parallelism: '={{ "many" }}' },
					items: items(2),
					stepNode,
				}),
			);
			expect(ends(parallel)).toEqual({ good: [], bad: [1, 2], rejected: [] });
			expect(errorsAt(parallel, 'Bad')[0]).toMatchObject({
				message: expect.stringContaining('"Items in Parallel" is "many"'),
			});

			const unchosen = await runWorkflow(
				guardedChild({
					step: 'retry',
					parameters: { workflowId: childId('={{ $json.id === 2 ? "" : "child" }}') },
					items: items(2),
					stepNode,
				}),
			);
			expect(ends(unchosen)).toEqual({ good: [1], bad: [2], rejected: [] });

			const lost = await runWorkflow(
				guarded({ step: 'retry', call: pairingLoser(), items: items(2), stepNode }),
			);
			expect(lost.status).toBe('success');
			expect(lost.json('Good')).toEqual([]);
			expect(errorsAt(lost, 'Bad')).toHaveLength(4);
		},
	);
});

it('refuses the legacy execution order, naming the remedy', async () => {
	const run = await runWorkflow(
		guarded({ step: 'retry', items: items(1), settings: { executionOrder: 'v0' } }),
	);
	expect(run.status).toBe('error');
	expect(run.error).toMatchObject({
		name: 'NodeOperationError',
		message: expect.stringContaining('v0'),
		description: expect.stringContaining('Execution Order'),
	});
});

describe('executing a single step in the editor', () => {
	it('up to the step itself', async () => {
		const run = await runWorkflow({
			...guarded({ step: 'retry', items: items(2) }),
			mode: 'manual',
			destinationNode: 'Step',
		});
		expect(run.status).toBe('success');
		expect(run.json('Step', 'Call')).toEqual([{ id: 1 }, { id: 2 }]);
		expect(run.runCount('Call')).toBe(0);
	});

	it('up to a node inside the loop', async () => {
		const run = await runWorkflow({
			...guarded({ step: 'bulkhead', parameters: { maxConcurrentCalls: 5 }, items: items(2) }),
			mode: 'manual',
			destinationNode: 'Call',
		});
		expect(run.status).toBe('success');
		expect(run.json('Call')).toEqual([{ id: 1 }, { id: 2 }]);
		expect(run.runCount('Good')).toBe(0);
	});

	it('up to a node behind the loop', async () => {
		const call = scripted({ 2: ['fail', 'ok'] });
		const run = await runWorkflow({
			...guarded({ step: 'retry', parameters: { delayMs: 1 }, call: call.type, items: items(2) }),
			mode: 'manual',
			destinationNode: 'Good',
		});
		expect(run.status).toBe('success');
		expect(sortedEnds(run).good).toEqual([1, 2]);
	});
});

it('leaves nothing of an execution behind in the process', async () => {
	const call = scripted({ 2: ['fail', 'ok'], 3: ['fail'] });
	const { type } = recorder(0);
	const workflows = [
		guarded({ step: 'retry', parameters: { delayMs: 1 }, call: call.type, items: items(4) }),
		guarded({
			step: 'bulkhead',
			parameters: { maxConcurrentCalls: 1 },
			call: type,
			items: items(4),
		}),
		guarded({
			step: 'resiliencePipeline',
			parameters: {
				mode: 'between',
				retry: { delayMs: 1 },
				useBulkhead: true,
				useRateLimiter: true,
			},
			call: start(),
			items: items(4),
		}),
		guardedChild({ step: 'resiliencePipeline', call: type, items: items(4) }),
	];
	const runAll = async () =>
		await Promise.all(workflows.map(async (workflow) => await runWorkflow(workflow)));
	await runAll();
	const keys = keysKept();
	const timers = timersKept();
	for (let round = 0; round < 5; round++) await runAll();
	expect(keysKept()).toBeLessThanOrEqual(keys);
	expect(leasesKept()).toBe(0);
	// n8n and jest have timers of their own, which may be due a little later.
	await until(() => timersKept() <= timers);
});

const timersKept = (): number =>
	process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
