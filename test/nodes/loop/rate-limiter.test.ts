import type { INodeParameters } from 'n8n-workflow';

import { ends, errorsAt, guarded, items, sortedEnds } from '../../support/guarded-workflow';
import { figure, setAheadTo, setBack } from '../../support/process-state';
import { scripted } from '../../support/test-nodes';
import { runWorkflow, startWorkflow } from '../../support/workflow-harness';

const limiter = (parameters: INodeParameters, count = 5) => {
	const call = scripted();
	return {
		call,
		workflow: guarded({ step: 'rateLimiter', parameters, call: call.type, items: items(count) }),
	};
};

afterEach(setBack);

it('makes items wait for their turn in process', async () => {
	const { workflow } = limiter({ limit: 2, periodMs: 150 });
	const startedAt = Date.now();
	const run = await runWorkflow(workflow);
	expect(sortedEnds(run)).toEqual({ good: [1, 2, 3, 4, 5], bad: [], rejected: [] });
	expect(Date.now() - startedAt).toBeGreaterThanOrEqual(299);
	for (const { data } of run.runData.Call!) expect(data!.main!.flat().length).toBeLessThan(3);
});

it('rejects at once where that is asked for, and says when to come again', async () => {
	const { workflow, call } = limiter({ limit: 2, periodMs: 60_000, whenLimited: 'reject' });
	const run = await runWorkflow(workflow);
	expect(ends(run)).toEqual({ good: [1, 2], bad: [], rejected: [3, 4, 5] });
	expect(call.calls).toEqual(['1', '2']);
	const [error] = errorsAt(run, 'Rejected');
	expect(error).toMatchObject({ code: 'RATE_LIMITED', remedy: expect.any(String) });
	expect(error!.retryAfterMs).toBeGreaterThan(50_000);
	// The window moves in steps.
	expect(error!.retryAfterMs).toBeLessThan(70_000);
});

it('rejects what would wait longer than the maximum', async () => {
	const { workflow } = limiter({ limit: 2, periodMs: 60_000, maxWaitMs: 1_000 });
	expect(ends(await runWorkflow(workflow))).toEqual({ good: [1, 2], bad: [], rejected: [3, 4, 5] });
});

it('counts weights', async () => {
	const { workflow } = limiter({
		limit: 3,
		periodMs: 60_000,
		whenLimited: 'reject',
		options: { weight: '={{ $json.weight }}' },
	});
	const run = await runWorkflow({
		...workflow,
		items: [2, 2, 1, 1].map((weight, index) => ({ id: index + 1, weight })),
	});
	expect(ends(run)).toEqual({ good: [1, 3], bad: [], rejected: [2, 4] });
});

it('keeps keys apart, over two executions at once', async () => {
	const { workflow } = limiter({
		limit: 1,
		periodMs: 60_000,
		whenLimited: 'reject',
		key: '={{ $json.user }}',
	});
	const users = (user: string) => items(2).map((item) => ({ ...item, user }));
	const runs = await Promise.all(
		[users('a'), users('b')].map(
			async (list) => await startWorkflow({ ...workflow, items: list }).finished,
		),
	);
	for (const run of runs) expect(ends(run)).toMatchObject({ good: [1], rejected: [2] });
	const again = await runWorkflow({ ...workflow, items: users('a') });
	expect(ends(again)).toMatchObject({ good: [], rejected: [1, 2] });
});

it('counts a call once, however often a retry inside tries it', async () => {
	const call = scripted({ 1: ['fail', 'fail', 'ok'] });
	const run = await runWorkflow(
		guarded({
			step: 'resiliencePipeline',
			parameters: {
				mode: 'between',
				useRateLimiter: true,
				rateLimiter: { limit: 2, periodMs: 60_000, whenLimited: 'reject' },
				retry: { delayMs: 1, jitter: 'none' },
			},
			call: call.type,
			items: items(2),
		}),
	);
	expect(sortedEnds(run)).toEqual({ good: [1, 2], bad: [], rejected: [] });
});

it('lowers an adaptive limit when the service refuses items', async () => {
	const refused = { error: { message: 'Too many requests', status: 429 } };
	const call = scripted({ 1: [refused], 2: ['fail'] });
	const workflow = guarded({
		step: 'rateLimiter',
		parameters: { limit: 10, periodMs: 60_000, options: { policyName: 'api', adaptive: true } },
		call: call.type,
		items: items(2),
	});
	const effectiveLimit = async () => await figure('rate-limiter', 'api', 'effectiveLimit');
	await runWorkflow({ ...workflow, items: [{ id: 2 }, { id: 3 }] });
	expect(await effectiveLimit()).toBe(10);
	expect(sortedEnds(await runWorkflow(workflow))).toEqual({ good: [], bad: [1, 2], rejected: [] });
	expect(await effectiveLimit()).toBe(5);
});

it('suspends the execution for a long wait', async () => {
	const { workflow } = limiter({ limit: 2, periodMs: 120_000, maxWaitMs: 600_000 });
	const startedAt = Date.now();
	const first = await runWorkflow(workflow);
	expect(first.status).toBe('waiting');
	const waits = first.waitTill!.getTime() - startedAt;
	expect(waits).toBeGreaterThanOrEqual(119_000);
	expect(waits).toBeLessThan(150_000);
	expect(ends(first).good).toEqual([1, 2]);
	setAheadTo(first.waitTill!);
	const second = await first.resume();
	expect(second.status).toBe('waiting');
	expect(ends(second).good).toEqual([1, 2, 3, 4]);
	setAheadTo(second.waitTill!);
	const last = await second.resume();
	expect(last.status).toBe('success');
	expect(ends(last)).toEqual({ good: [1, 2, 3, 4, 5], bad: [], rejected: [] });
});
