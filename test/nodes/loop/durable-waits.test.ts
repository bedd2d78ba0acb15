import type { INodeParameters } from 'n8n-workflow';

import {
	endNodes,
	ends,
	endWires,
	guarded,
	items,
	newWorkflowId,
	sortedEnds,
} from '../../support/guarded-workflow';
import { leasesKept, setAheadTo, setBack } from '../../support/process-state';
import { scripted } from '../../support/test-nodes';
import { runWorkflow, type FinishedWorkflow } from '../../support/workflow-harness';

const retry = (delayMs: number, more: INodeParameters = {}): INodeParameters => ({
	maxAttempts: 3,
	delayMs,
	options: { jitter: 'none', maxDelayMs: 86_400_000, ...more },
});

/** Goes on when each wait is over, through saved data, as after restarts of n8n. */
async function throughAllWaits(first: FinishedWorkflow): Promise<{
	last: FinishedWorkflow;
	waitsMs: number[];
}> {
	let last = first;
	const waitsMs: number[] = [];
	let from = Date.now();
	while (last.status === 'waiting') {
		if (waitsMs.length === 20) throw new Error('It waits for ever');
		waitsMs.push(last.waitTill!.getTime() - from);
		setAheadTo(last.waitTill!);
		from = last.waitTill!.getTime();
		last = await last.resume();
	}
	return { last, waitsMs };
}

afterEach(() => {
	setBack();
	expect(leasesKept()).toBe(0);
});

it('suspends for a long delay and tries again after it, items, attempts and pairing intact', async () => {
	const call = scripted({ 2: ['fail', 'ok'], 3: ['fail'], 4: ['fail', 'fail', 'ok'] });
	const first = await runWorkflow(
		guarded({ step: 'retry', parameters: retry(3_600_000), call: call.type, items: items(5) }),
	);
	expect(first.status).toBe('waiting');
	expect(ends(first).good).toEqual([1, 5]);
	const { last, waitsMs } = await throughAllWaits(first);
	expect(last.status).toBe('success');
	expect(sortedEnds(last)).toEqual({ good: [1, 2, 4, 5], bad: [3], rejected: [] });
	expect([1, 2, 3, 4, 5].map(call.callsOf)).toEqual([1, 2, 3, 3, 1]);
	expect(waitsMs.map((ms) => Math.round(ms / 3_600_000))).toEqual([1, 2]);
	expect(last.json('Bad')[0]).toMatchObject({ id: 3, error: { attempts: 3 } });
});

it('keeps binary data over the wait', async () => {
	const call = scripted({ 1: ['fail', 'ok'] });
	const binary = { data: { data: 'aGk=', mimeType: 'text/plain' } };
	const first = await runWorkflow(
		guarded({
			step: 'retry',
			parameters: retry(100_000),
			call: call.type,
			items: [{ json: { id: 1 }, binary }],
		}),
	);
	const { last } = await throughAllWaits(first);
	expect(last.output('Step', 'Success')[0]).toMatchObject({ json: { id: 1 }, binary });
});

it('waits for each item as long as its own service asks for', async () => {
	const after = (seconds: string) => ({
		error: { message: 'slow down', status: 429, response: { headers: { 'retry-after': seconds } } },
	});
	const call = scripted({
		1: [after('300'), 'ok'],
		2: [after('100'), 'ok'],
		3: [after('0'), 'ok'],
		4: [after('200'), after('100'), 'ok'],
	});
	const first = await runWorkflow(
		guarded({ step: 'retry', parameters: retry(1), call: call.type, items: items(5) }),
	);
	expect(first.status).toBe('waiting');
	expect(sortedEnds(first).good).toEqual([3, 5]);
	const { last, waitsMs } = await throughAllWaits(first);
	expect(sortedEnds(last)).toEqual({ good: [1, 2, 3, 4, 5], bad: [], rejected: [] });
	expect(call.calls.slice(-5)).toEqual(expect.arrayContaining(['2', '4', '1']));
	expect(call.calls.indexOf('2', 5)).toBeLessThan(call.calls.lastIndexOf('1'));
	expect(waitsMs.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(299_000);
});

it('with steps around and inside: everything goes on', async () => {
	const call = scripted({ 1: ['fail', 'ok'], 3: ['fail', 'fail', 'fail', 'ok'], 4: ['fail'] });
	const first = await runWorkflow({
		workflowId: newWorkflowId(),
		nodes: [
			{ name: 'Start', type: 'start' },
			{ name: 'Outer', type: 'bulkhead', parameters: { maxConcurrentCalls: 2 } },
			{ name: 'Middle', type: 'retry', parameters: { ...retry(200_000), maxAttempts: 2 } },
			{ name: 'Inner', type: 'retry', parameters: { ...retry(100_000), maxAttempts: 2 } },
			{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
			...endNodes,
		],
		connections: [
			'Start -> Outer.Items',
			'Outer.Call -> Middle.Items',
			'Middle.Call -> Inner.Items',
			'Inner.Call -> Call',
			'Call.Success -> Inner.Succeeded',
			'Call.Error -> Inner.Failed',
			'Inner.Success -> Middle.Succeeded',
			'Inner.Failed -> Middle.Failed',
			'Middle.Success -> Outer.Succeeded',
			'Middle.Failed -> Outer.Failed',
			...endWires('Outer'),
		],
		nodeTypes: { ...guarded({ step: 'retry' }).nodeTypes, call: call.type },
		items: items(5),
	});
	expect(first.status).toBe('waiting');
	const { last } = await throughAllWaits(first);
	expect(last.status).toBe('success');
	expect(sortedEnds(last)).toEqual({ good: [1, 2, 3, 5], bad: [4], rejected: [] });
	expect([1, 2, 3, 4, 5].map(call.callsOf)).toEqual([2, 1, 4, 4, 1]);
});

it('resumes too early: it waits for the rest', async () => {
	const call = scripted({ 1: ['fail', 'ok'] });
	const first = await runWorkflow(
		guarded({ step: 'retry', parameters: retry(3_600_000), call: call.type, items: items(1) }),
	);
	const second = await first.resume();
	expect(second.status).toBe('waiting');
	expect(call.callsOf(1)).toBe(1);
	const { last } = await throughAllWaits(second);
	expect(ends(last).good).toEqual([1]);
});

it('gives up rather than wait beyond the time limit of the execution', async () => {
	const call = scripted({ 1: ['fail', 'ok'] });
	const run = await runWorkflow(
		guarded({
			step: 'retry',
			parameters: retry(3_600_000),
			call: call.type,
			items: items(1),
			settings: { executionTimeout: 600 },
		}),
	);
	expect(run.status).toBe('success');
	expect(run.json('Bad')[0]).toMatchObject({ error: { gaveUp: 'deadline', attempts: 1 } });
});

it('stops while suspended without leaving anything behind', async () => {
	const call = scripted({ 1: ['fail'] });
	const first = await runWorkflow(
		guarded({ step: 'retry', parameters: retry(3_600_000), call: call.type, items: items(1) }),
	);
	setAheadTo(first.waitTill!);
	const running = first.startResume();
	running.cancel();
	expect((await running.finished).status).toBe('canceled');
});
