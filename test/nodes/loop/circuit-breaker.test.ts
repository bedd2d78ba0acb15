import type { INodeParameters } from 'n8n-workflow';

import {
	ends,
	errorsAt,
	guarded,
	items,
	newWorkflowId,
	sortedEnds,
} from '../../support/guarded-workflow';
import { figure, setAhead, setBack, stateOf } from '../../support/process-state';
import { dropper, gated, scripted, stopper } from '../../support/test-nodes';
import { runWorkflow, startWorkflow } from '../../support/workflow-harness';

let names = 0;

const newName = () => `breaker-${++names}`;

/** Opens after three failures in a row, for 30 s, then lets two probes through. */
const parameters = (policyName: string, more: INodeParameters = {}): INodeParameters => ({
	...more,
	options: {
		policyName,
		consecutiveFailureThreshold: 3,
		permittedNumberOfCallsInHalfOpenState: 2,
		...(more.options as INodeParameters),
	},
});

const breaker = (policyName: string, plan = {}, more: INodeParameters = {}) => {
	const call = scripted(plan);
	const workflow = guarded({
		step: 'circuitBreaker',
		parameters: parameters(policyName, more),
		call: call.type,
	});
	const run = async (...ids: number[]) =>
		await runWorkflow({ ...workflow, items: ids.map((id) => ({ id })) });
	return { workflow, call, run };
};

const failing = { 1: ['fail'], 2: ['fail'], 3: ['fail'] } as const;

afterEach(setBack);

it('opens in one execution, and another one sees it', async () => {
	const name = newName();
	const first = breaker(name, failing);
	expect(ends(await first.run(1, 2, 3))).toMatchObject({ bad: [1, 2, 3] });
	const second = breaker(name);
	const run = await second.run(4, 5);
	expect(run.status).toBe('success');
	expect(ends(run)).toEqual({ good: [], bad: [], rejected: [4, 5] });
	expect(second.call.calls).toEqual([]);
	expect(errorsAt(run, 'Rejected')[0]).toMatchObject({
		code: 'CIRCUIT_OPEN',
		policy: name,
		retryAfterMs: expect.any(Number),
		remedy: expect.any(String),
	});
	expect(run.json('Rejected')[0]).toMatchObject({ id: 4 });
});

it('keeps keys apart, and never evaluates them', async () => {
	const name = newName();
	const { workflow } = breaker(name, failing, { key: '={{ $json.user }}' });
	const run = async (user: string, ...ids: number[]) =>
		ends(await runWorkflow({ ...workflow, items: ids.map((id) => ({ id, user })) }));
	await run('{{ 7*6 }}', 1, 2, 3);
	expect(await stateOf(name, '{{ 7*6 }}')).toBe('open');
	expect(await stateOf(name, '42')).toBeUndefined();
	expect((await run('{{ 7*6 }}', 4)).rejected).toEqual([4]);
	expect((await run('42', 4)).good).toEqual([4]);
});

it('opens in the middle of a batch: what comes later is rejected', async () => {
	const name = newName();
	const call = scripted({ 1: ['fail'], 2: ['fail'], 3: ['fail'] });
	const run = await runWorkflow(
		guarded({
			step: 'bulkhead',
			parameters: { maxConcurrentCalls: 1 },
			nodes: [
				{ name: 'Breaker', type: 'circuitBreaker', parameters: parameters(name) },
				{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
			],
			wires: [
				'Step.Call -> Breaker.Items',
				'Breaker.Call -> Call',
				'Call.Success -> Breaker.Succeeded',
				'Call.Error -> Breaker.Failed',
				'Breaker.Success -> Step.Succeeded',
				'Breaker.Failed -> Step.Failed',
				'Breaker.Rejected -> Rejected',
			],
			call: call.type,
			items: items(6),
		}),
	);
	expect(run.status).toBe('success');
	expect(sortedEnds(run)).toEqual({ good: [], bad: [1, 2, 3], rejected: [4, 5, 6] });
	expect(call.calls).toEqual(['1', '2', '3']);
});

it('lets probes through after the wait, and closes when they succeed', async () => {
	const name = newName();
	const { run, call } = breaker(name, { ...failing });
	await run(1, 2, 3);
	setAhead(30_001);
	expect(ends(await run(4, 5, 6, 7))).toEqual({ good: [4, 5], bad: [], rejected: [6, 7] });
	expect(await stateOf(name)).toBe('closed');
	expect(ends(await run(8, 9, 10)).good).toEqual([8, 9, 10]);
	expect(call.callsOf(6)).toBe(0);
});

it('opens again when a probe fails', async () => {
	const name = newName();
	const { run } = breaker(name, { ...failing, 4: ['fail'], 5: ['fail'] });
	await run(1, 2, 3);
	setAhead(30_001);
	expect(ends(await run(4, 5)).bad).toEqual([4, 5]);
	expect(await stateOf(name)).toBe('open');
	expect(ends(await run(6)).rejected).toEqual([6]);
});

it.each([
	['dropped', dropper()],
	['lost to an error of the workflow', stopper()],
])('gives probes back that were %s', async (_, call) => {
	const name = newName();
	const { run, workflow } = breaker(name, failing);
	await run(1, 2, 3);
	setAhead(30_001);
	await runWorkflow({
		...workflow,
		nodes: workflow.nodes.map((node) =>
			node.name === 'Call' ? { ...node, onError: 'stopWorkflow' } : node,
		),
		connections: (workflow.connections as string[])
			.filter((wire) => !wire.startsWith('Call.Error'))
			.map((wire) => wire.replace('Call.Success', 'Call')),
		nodeTypes: { ...workflow.nodeTypes, call },
		items: items(2),
	});
	expect(await stateOf(name)).toBe('half-open');
	expect(ends(await run(4, 5)).good).toEqual([4, 5]);
	expect(await stateOf(name)).toBe('closed');
});

it('gives probes back when the execution is stopped', async () => {
	const name = newName();
	const { run, workflow } = breaker(name, failing);
	await run(1, 2, 3);
	setAhead(30_001);
	const call = gated();
	const running = startWorkflow({
		...workflow,
		nodeTypes: { ...workflow.nodeTypes, call: call.type },
		items: items(2),
	});
	await call.entered();
	expect(ends(await run(4)).rejected).toEqual([4]);
	running.cancel();
	await running.finished;
	expect(ends(await run(5, 6)).good).toEqual([5, 6]);
});

it('does not count answers that say the request was wrong', async () => {
	const name = newName();
	const wrong = { error: { message: 'no such thing', status: 404 } };
	const { run } = breaker(name, { 1: [wrong], 2: [wrong], 3: [wrong], 4: [wrong] });
	expect(ends(await run(1, 2, 3, 4)).bad).toEqual([1, 2, 3, 4]);
	expect(await stateOf(name)).toBe('closed');
	expect(await figure('circuit-breaker', name, 'calls')).toBe(0);
	expect(ends(await run(5)).good).toEqual([5]);
});

it('counts a failure that n8n sends on as a success', async () => {
	const name = newName();
	const { workflow } = breaker(name);
	await runWorkflow({
		...workflow,
		nodeTypes: { ...workflow.nodeTypes, call: stopper() },
		items: items(3),
	});
	expect(await stateOf(name)).toBe('open');
});

it('learns for its parent, which stops the other children', async () => {
	const parent = newName();
	const withParent: INodeParameters = {
		parentBreaker: { parent: { name: parent, key: '', minimumNumberOfCalls: 1 } },
	};
	const one = breaker(newName(), failing, withParent);
	const other = breaker(newName(), {}, withParent);
	expect(ends(await other.run(1)).good).toEqual([1]);
	await one.run(1, 2, 3);
	expect(await stateOf(parent)).toBe('open');
	const run = await other.run(2);
	expect(ends(run).rejected).toEqual([2]);
	expect(errorsAt(run, 'Rejected')[0]).toMatchObject({ code: 'CIRCUIT_OPEN', policy: parent });
});

it('has a state of its own in each workflow and node, unless it is given a name', async () => {
	const call = scripted(failing);
	const workflow = guarded({
		step: 'circuitBreaker',
		parameters: { options: { consecutiveFailureThreshold: 3 } },
		call: call.type,
	});
	await runWorkflow({ ...workflow, items: items(3) });
	expect(ends(await runWorkflow({ ...workflow, items: [{ id: 4 }] })).rejected).toEqual([4]);
	const copy = { ...workflow, workflowId: newWorkflowId() };
	expect(ends(await runWorkflow({ ...copy, items: [{ id: 4 }] })).good).toEqual([4]);
});
