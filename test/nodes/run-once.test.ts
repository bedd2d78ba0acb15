import type { INodeParameters } from 'n8n-workflow';

import { services } from '../../nodes/shared/services';
import {
	ends,
	errorsAt,
	guarded,
	guardedChild,
	items,
	newWorkflowId,
	sortedEnds,
	type Guarded,
} from '../support/guarded-workflow';
import { leasesKept, runLeasesKept, setAhead, setBack } from '../support/process-state';
import { gated, probe, recorder, scripted, start, throwing } from '../support/test-nodes';
import { until } from '../support/until';
import { runWorkflow, startWorkflow } from '../support/workflow-harness';

/** Around nodes between, and around a sub-workflow. */
const ways = [
	['the nodes between', guarded, (type: ReturnType<typeof start>) => type],
	['a sub-workflow', guardedChild, throwing],
] as const;

const byId: INodeParameters = { key: '={{ $json.id }}' };

let names = 0;

afterEach(() => {
	setBack();
	expect(leasesKept()).toBe(0);
	expect(runLeasesKept()).toBe(0);
});

describe.each(ways)('around %s', (_, around, as) => {
	/** Executions of one workflow. */
	const executions = (options: Partial<Guarded> = {}) => {
		const workflow = around({ step: 'runOnce', parameters: byId, ...options });
		return {
			begin: (list = items(1)) => startWorkflow({ ...workflow, items: list }),
			run: async (list = items(1)) => await runWorkflow({ ...workflow, items: list }),
		};
	};

	/** The same with a name by which its state can be looked at. */
	const named = (options: Partial<Guarded> = {}) => {
		const name = `run once ${names++}`;
		const parameters = { ...byId, ...options.parameters };
		const more = parameters.options as INodeParameters | undefined;
		return {
			...executions({
				...options,
				parameters: { ...parameters, options: { policyName: name, ...more } },
			}),
			stateOf: async (key = '1') => (await services.runs.inspect({ name, key }))?.state,
		};
	};

	it('calls each key once, and returns the result of then to later executions', async () => {
		const call = scripted();
		const { run } = executions({ call: as(call.type) });
		const first = await run(items(2).map((item) => ({ ...item, at: 'first' })));
		expect(sortedEnds(first)).toEqual({ good: [1, 2], bad: [], rejected: [] });
		expect(first.json('Good')[0]).not.toHaveProperty('runOnce');
		const second = await run(items(3).map((item) => ({ ...item, at: 'second' })));
		expect(sortedEnds(second)).toEqual({ good: [1, 2, 3], bad: [], rejected: [] });
		const good = second.json('Good').sort((one, other) => Number(one.id) - Number(other.id));
		expect(good).toMatchObject([
			{ id: 1, at: 'first', runOnce: { replayed: true, ageMs: expect.any(Number) as number } },
			{ id: 2, at: 'first', runOnce: { replayed: true } },
			{ id: 3, at: 'second' },
		]);
		expect([1, 2, 3].map(call.callsOf)).toEqual([1, 1, 1]);
	});

	it('calls one of several items with the same key in one execution, and gives all its result', async () => {
		const call = scripted();
		const { run } = executions({ call: as(call.type), parameters: { key: 'all the same' } });
		const finished = await run(items(5));
		expect(finished.json('Good')).toHaveLength(5);
		expect(new Set(finished.json('Good').map(({ id }) => id))).toEqual(new Set([1]));
		expect(finished.json('Good').map(({ probed }) => probed)).toEqual(
			expect.arrayContaining([1, 2, 3, 4, 5]),
		);
		expect(call.calls).toEqual(['1']);
	});

	it('lets another execution wait for the result', async () => {
		const call = gated();
		const { begin, stateOf } = named({ call: call.type });
		const first = begin([{ id: 1, from: 'first' }]);
		await call.entered();
		expect(await stateOf()).toBe('running');
		const second = begin([{ id: 1, from: 'second' }]);
		await until(() => runsWaiting() > 0);
		call.release();
		const runs = await Promise.all([first.finished, second.finished]);
		expect(runs.map((run) => run.json('Good')[0]?.from)).toEqual(['first', 'first']);
		expect(call.state.entered).toBe(1);
		expect(await stateOf()).toBe('done');
	});

	it('rejects who has waited long enough, or does not want to wait', async () => {
		const call = gated();
		const options = { policyName: `patience ${around.name}` };
		const running = executions({ call: call.type, parameters: { ...byId, options } }).begin();
		await call.entered();
		for (const patience of [{ whenRunning: 'reject' }, { maxWaitMs: 50 }]) {
			const { run } = executions({ parameters: { ...byId, ...patience, options } });
			const impatient = await run();
			expect(ends(impatient)).toEqual({ good: [], bad: [], rejected: [1] });
			expect(errorsAt(impatient, 'Rejected')).toMatchObject([
				{ code: 'ALREADY_RUNNING', policy: options.policyName, key: '1' },
			]);
		}
		call.release();
		await running.finished;
		expect(call.state.entered).toBe(1);
	});

	it('rejects what is done, if it is told to', async () => {
		const call = scripted();
		const { run } = executions({
			call: as(call.type),
			parameters: { ...byId, whenDone: 'reject' },
		});
		await run();
		const second = await run(items(2));
		expect(ends(second)).toEqual({ good: [2], bad: [], rejected: [1] });
		expect(errorsAt(second, 'Rejected')).toMatchObject([{ code: 'ALREADY_DONE', key: '1' }]);
	});

	it('runs again what has failed, or returns the failure', async () => {
		const call = scripted({ 1: ['fail', 'ok'], 2: ['fail'] });
		const again = executions({ call: as(call.type) });
		expect(ends(await again.run())).toEqual({ good: [], bad: [1], rejected: [] });
		expect(ends(await again.run())).toEqual({ good: [1], bad: [], rejected: [] });

		const once = executions({
			call: as(call.type),
			parameters: { ...byId, whenFailed: 'return' },
		});
		const list = items(2).slice(1);
		await once.run(list);
		const second = await once.run(list);
		expect(ends(second)).toEqual({ good: [], bad: [2], rejected: [] });
		expect(errorsAt(second, 'Bad')).toMatchObject([
			{ message: 'planned failure of 2', attempts: 0 },
		]);
		expect(second.json('Bad')[0]).toMatchObject({ runOnce: { replayed: true } });
		expect(call.callsOf(2)).toBe(1);
	});

	it('forgets results when their time is over', async () => {
		const call = scripted();
		const parameters = { ...byId, options: { resultTtlMs: 10_000 } };
		const { run } = executions({ call: as(call.type), parameters });
		await run();
		setAhead(9_000);
		await run();
		expect(call.callsOf(1)).toBe(1);
		setAhead(1_000);
		await run();
		expect(call.callsOf(1)).toBe(2);
	});

	it('does not keep a result that is too large, nor do the work again', async () => {
		const call = scripted();
		const { run, stateOf } = named({
			call: as(call.type),
			parameters: { options: { maxResultBytes: 100 } },
		});
		const list = [{ id: 1, text: 'x'.repeat(100) }];
		const first = await run(list);
		expect(ends(first)).toEqual({ good: [1], bad: [], rejected: [] });
		expect(await stateOf()).toBe('unkept');
		const hints = first.runData.Step!.flatMap((step) => step.hints ?? []);
		expect(hints).toMatchObject([{ message: expect.stringContaining('Largest Result') as string }]);
		const second = await run(list);
		expect(ends(second)).toEqual({ good: [], bad: [1], rejected: [] });
		expect(errorsAt(second, 'Bad')).toMatchObject([
			{
				code: 'RUN_NOT_KEPT',
				message: expect.stringMatching(
					/"Largest Result" is 100: the result has 12\d bytes/,
				) as string,
				remedy: expect.stringContaining('Raise it') as string,
			},
		]);
		expect(call.callsOf(1)).toBe(1);
	});

	it('keeps what it does apart by workflow and node, and shares it by name', async () => {
		const call = scripted();
		const parameters = { key: 'one' };
		await executions({ call: as(call.type), parameters }).run();
		await executions({ call: as(call.type), parameters }).run();
		expect(call.callsOf(1)).toBe(2);
		const shared = { ...parameters, options: { policyName: `shared ${around.name}` } };
		await executions({ call: as(call.type), parameters: shared }).run();
		await executions({ call: as(call.type), parameters: shared }).run();
		expect(call.callsOf(1)).toBe(3);
	});

	it('hands a fencing token on that grows from run to run', async () => {
		const seen: unknown[] = [];
		const record = recorder(0);
		const work = {
			...record.type,
			execute: async function (this: never) {
				const outputs = await record.type.execute!.call(this);
				for (const { json } of (outputs as Array<Array<{ json: { token: unknown } }>>).flat())
					seen.push(json.token);
				return outputs;
			},
		} as typeof record.type;
		const { run } = executions({
			call: work,
			parameters: { ...byId, options: { tokenField: 'token', resultTtlMs: 1_000 } },
		});
		await run(items(2));
		setAhead(1_000);
		await run(items(1));
		const [first, second, third] = seen as number[];
		expect([first, second, third].every(Number.isInteger)).toBe(true);
		expect(third).toBeGreaterThan(Math.max(first!, second!));
	});

	it('refuses a late result when another execution has taken over meanwhile', async () => {
		const call = gated();
		const { begin, stateOf } = named({ call: call.type });
		const first = begin([{ id: 1, from: 'first' }]);
		await call.entered(1);
		// As if the process had stood still: its lease is over before it can renew it.
		setAhead(60_001);
		const second = begin([{ id: 1, from: 'second' }]);
		await call.entered(2);
		call.release();
		const [late, owner] = await Promise.all([first.finished, second.finished]);
		expect(owner.json('Good')).toMatchObject([{ from: 'second' }]);
		expect(ends(late)).toEqual({ good: [], bad: [1], rejected: [] });
		expect(errorsAt(late, 'Bad')).toMatchObject([
			{ code: 'RUN_LOST', remedy: expect.stringContaining('fencing token') as string },
		]);
		expect(await stateOf()).toBe('done');
		const third = await begin().finished;
		expect(third.json('Good')).toMatchObject([{ from: 'second', runOnce: { replayed: true } }]);
	});

	it('does not let another begin at once when the execution was stopped: work may go on', async () => {
		const call = gated();
		const { begin, run, stateOf } = named({
			call: call.type,
			parameters: { whenRunning: 'reject' },
		});
		const stopped = begin();
		await call.entered();
		stopped.cancel();
		expect((await stopped.finished).status).toBe('canceled');
		expect(await stateOf()).toBe('running');
		expect(ends(await run()).rejected).toEqual([1]);
		setAhead(60_001);
		expect(await stateOf()).toBe('lapsed');
		const next = begin();
		await call.entered(2);
		call.release();
		expect(ends(await next.finished).good).toEqual([1]);
	});

	it('ends the wait of an execution that is stopped', async () => {
		const call = gated();
		const { begin } = executions({ call: call.type });
		const first = begin();
		await call.entered();
		const second = begin();
		await until(() => runsWaiting() > 0);
		second.cancel();
		expect((await second.finished).status).toBe('canceled');
		expect(runsWaiting()).toBe(0);
		call.release();
		await first.finished;
	});

	it('keeps no binary data, which the first item leaves with all the same', async () => {
		const binary = { data: { data: 'aGk=', mimeType: 'text/plain' } };
		const workflow = around({ step: 'runOnce', parameters: byId });
		const run = async () =>
			await runWorkflow({ ...workflow, items: [{ json: { id: 1 }, binary }] });
		expect((await run()).output('Step', 'Success')[0]).toMatchObject({ binary });
		expect((await run()).output('Step', 'Success')[0]).not.toHaveProperty('binary');
	});

	it.each([
		['={{ " " }}', /"Key" is " ": empty/],
		['={{ $json.nothing }}', /"Key" is missing/],
		['={{ [] }}', /"Key" is a list: not a text/],
		['={{ "k".repeat(513) }}', /513 characters long/],
	])('refuses the key %s', async (key, message) => {
		const run = await executions({ parameters: { key } }).run();
		expect(run.status).toBe('error');
		expect(run.error?.message).toMatch(message);
	});
});

describe('around the nodes between', () => {
	it('has failed when the protected nodes lose the item', async () => {
		const name = `lost ${names++}`;
		const run = await runWorkflow(
			guarded({
				step: 'runOnce',
				parameters: { ...byId, options: { policyName: name } },
				call: { ...start(), execute: async () => [[]] },
				items: items(1),
			}),
		);
		expect(run.status).toBe('success');
		expect((await services.runs.inspect({ name, key: '1' }))?.state).toBe('failed');
	});

	it('has failed when the execution does', async () => {
		const name = `broken ${names++}`;
		const run = await runWorkflow(
			guarded({
				step: 'runOnce',
				parameters: { ...byId, options: { policyName: name } },
				call: throwing(scripted({ 1: ['fail'] }).type),
				nodes: [{ name: 'Call', type: 'call' }],
				wires: ['Step.Call -> Call', 'Call -> Step.Succeeded'],
				items: items(1),
			}),
		);
		expect(run.status).toBe('error');
		expect((await services.runs.inspect({ name, key: '1' }))?.state).toBe('failed');
	});

	it('keeps its run over a durable wait of a step inside, and ends it after', async () => {
		const name = `durable ${names++}`;
		const call = scripted({ 1: ['fail', 'ok'] });
		const workflow = {
			workflowId: newWorkflowId(),
			nodes: [
				{ name: 'Start', type: 'start' },
				{
					name: 'Once',
					type: 'runOnce',
					parameters: { ...byId, whenRunning: 'reject', options: { policyName: name } },
				},
				{
					name: 'Step',
					type: 'retry',
					parameters: {
						delayMs: 3_600_000,
						options: { jitter: 'none', maxDelayMs: 3_600_000 },
					},
				},
				{ name: 'Call', type: 'call', onError: 'continueErrorOutput' as const },
				{ name: 'Good', type: 'probe' },
				{ name: 'Rejected', type: 'probe' },
			],
			connections: [
				'Start -> Once.Items',
				'Once.Call -> Step.Items',
				'Step.Call -> Call',
				'Call.Success -> Step.Succeeded',
				'Call.Error -> Step.Failed',
				'Step.Success -> Once.Succeeded',
				'Step.Failed -> Once.Failed',
				'Once.Success -> Good',
				'Once.Rejected -> Rejected',
			],
			nodeTypes: { ...guarded({ step: 'retry' }).nodeTypes, probe: probe(), call: call.type },
			items: items(1),
		};
		const first = await runWorkflow(workflow);
		expect(first.status).toBe('waiting');
		expect(runLeasesKept()).toBe(0);
		// Long after its lease would have been over without the wait.
		setAhead(3_600_000);
		expect((await services.runs.inspect({ name, key: '1' }))?.state).toBe('running');
		const second = await runWorkflow(workflow);
		expect(second.json('Rejected')).toMatchObject([{ error: { code: 'ALREADY_RUNNING' } }]);
		const last = await first.resume();
		expect(last.json('Good')).toMatchObject([{ id: 1 }]);
		expect((await services.runs.inspect({ name, key: '1' }))?.state).toBe('done');
		expect(call.callsOf(1)).toBe(2);
	});
});

/** How many requests of this process wait for the end of another's work. */
const runsWaiting = (): number =>
	(services.runs as unknown as { room: { waiting: Map<string, unknown> } }).room.waiting.size;
