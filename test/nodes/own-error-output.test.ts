import type { IDataObject } from 'n8n-workflow';

import {
	ends,
	guarded,
	guardedChild,
	items,
	sortedEnds,
	type Guarded,
} from '../support/guarded-workflow';
import { holders, leasesKept } from '../support/process-state';
import { defineNode, keep, scripted, throwing } from '../support/test-nodes';
import { runWorkflow, type FinishedWorkflow } from '../support/workflow-harness';

/** A step whose own On Error is "Continue (using error output)"; what leaves by that output ends in `Errors`. */
async function run(options: Guarded, build = guarded): Promise<FinishedWorkflow> {
	const { nodes, connections, ...rest } = build({
		...options,
		stepNode: { onError: 'continueErrorOutput' },
	});
	return await runWorkflow({
		...rest,
		nodes: [...nodes, { name: 'Errors', type: 'start' }],
		connections: [...(connections as string[]), 'Step.Error -> Errors'],
	});
}

const retry = { maxAttempts: 2, delayMs: 1, options: { jitter: 'none' } };
const oneOnly = { limit: 1, periodMs: 60_000, whenLimited: 'reject' };

afterEach(() => expect(leasesKept()).toBe(0));

it('sends good and failed items where they belong all the same', async () => {
	const call = scripted({ 2: ['fail'] });
	const ran = await run({ step: 'retry', parameters: retry, call: call.type, items: items(3) });
	expect(sortedEnds(ran)).toEqual({ good: [1, 3], bad: [2], rejected: [] });
	expect(ran.json('Errors')).toEqual([]);
});

it('leaves alone what has an error beside other data, by whichever output it leaves', async () => {
	const withError = items(3).map((item) => ({ ...item, error: 'from before' }));
	const call = scripted({ 2: ['fail'], 3: ['fail', 'ok'] });
	const tried = await run({ step: 'retry', parameters: retry, call: call.type, items: withError });
	expect(sortedEnds(tried)).toEqual({ good: [1, 3], bad: [2], rejected: [] });
	expect(call.calls).toEqual(['1', '2', '3', '2', '3']);
	expect(tried.json('Good')[0]).toMatchObject({ error: 'from before' });

	const limited = await run({ step: 'rateLimiter', parameters: oneOnly, items: withError });
	expect(ends(limited)).toEqual({ good: [1], bad: [], rejected: [2, 3] });
	for (const each of [tried, limited]) expect(each.json('Errors')).toEqual([]);
});

describe('what has nothing but an error, n8n moves to the error output', () => {
	it('from Failed: empty items', async () => {
		const call = scripted({ undefined: ['fail'], 2: ['fail', 'ok'] });
		const list = [{}, { id: 2 }, {}];
		const ran = await run({ step: 'retry', parameters: retry, call: call.type, items: list });
		expect(ends(ran)).toEqual({ good: [2], bad: [], rejected: [] });
		const error = { message: 'planned failure of undefined', attempts: 2 };
		expect(ran.json('Errors')).toMatchObject([{ error }, { error }]);
	});

	it('from Rejected: empty items', async () => {
		const list = [{ id: 1 }, {}, { id: 3 }];
		const ran = await run({ step: 'rateLimiter', parameters: oneOnly, items: list });
		expect(ends(ran)).toEqual({ good: [1], bad: [], rejected: [3] });
		expect(ran.json('Errors')).toMatchObject([{ error: { code: 'RATE_LIMITED' } }]);
	});

	it('from Success: results that look like errors', async () => {
		const answer = { error: 'none', message: 'all is well' };
		const ran = await run({
			step: 'retry',
			items: items(1),
			nodes: [{ name: 'Call', type: 'call' }],
			wires: ['Step.Call -> Call', 'Call -> Step.Succeeded'],
			call: defineNode('call', (list) => [
				list.map((_, index) => keep({ json: { ...answer } }, index)),
			]),
		});
		expect(ran.json('Good')).toEqual([]);
		expect(ran.json('Errors')).toMatchObject([answer]);
	});

	it('and from Call, so that it is not called, and no other item in its place', async () => {
		const policyName = 'beside-an-error';
		const keys = ['nobody', '2', '3'];
		const held: number[][] = [];
		const call = defineNode('call', async (list) => {
			held.push(await Promise.all(keys.map(async (key) => await holders(policyName, key))));
			return [list.map(keep)];
		});
		const ran = await run({
			step: 'bulkhead',
			parameters: { key: '={{ $json.id ?? "nobody" }}', options: { policyName } },
			call,
			items: [{ error: 'from before' }, { id: 2 }, { id: 3 }],
		});
		expect(ends(ran)).toEqual({ good: [2, 3], bad: [], rejected: [] });
		expect(held).toEqual([[0, 1, 1]]);
		const [{ error }] = ran.json('Errors') as [IDataObject];
		expect(error).toMatchObject({
			message: 'n8n takes this item for an error, as it has nothing but an "error"',
			attempts: 0,
			remedy: expect.stringContaining('On Error'),
		});
	});
});

describe('where Failed leads nowhere', () => {
	const unwired = ['Failed', 'Rejected'] as const;

	it.each([false, true])(
		'failed items leave by Success, with their error (sub-workflow: %s)',
		async (inChild) => {
			const { type } = scripted({ 2: ['fail'] });
			const call = inChild ? throwing(type) : type;
			const options = { step: 'retry', parameters: retry, items: items(2), unwired, call } as const;
			const ran = await run(options, inChild ? guardedChild : guarded);
			expect(ran.json('Good')).toMatchObject([{ id: 1 }, { id: 2, error: { attempts: 2 } }]);
		},
	);

	it('so do all items of a step that cannot run at all', async () => {
		const parameters = { mode: 'neither' };
		const ran = await run({ step: 'retry', parameters, items: items(2), unwired });
		expect(ran.runCount('Call')).toBe(0);
		expect(ran.json('Good')).toMatchObject([
			{ id: 1, error: { message: '"Guard" is "neither": not one of its choices' } },
			{ id: 2, error: { attempts: 0 } },
		]);
	});
});
