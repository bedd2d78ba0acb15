import type { IDataObject, IExecuteFunctions, INodeParameters, INodeType } from 'n8n-workflow';

import {
	ends,
	errorsAt,
	guarded,
	guardedChild,
	items,
	sortedEnds,
} from '../../support/guarded-workflow';
import { figure, setAheadTo, setBack } from '../../support/process-state';
import { defineNode, keep, scripted, throwing, type Outcome } from '../../support/test-nodes';
import { runWorkflow, startWorkflow } from '../../support/workflow-harness';

const noJitter = (more: INodeParameters = {}): INodeParameters => ({ jitter: 'none', ...more });

const answer = (status: number, headers: IDataObject = {}): Outcome => ({
	error: { message: `answered ${status}`, status, response: { headers } },
});

it('waits in process as long as Retry-After asks for, item by item', async () => {
	const at: Record<string, number[]> = {};
	const plan = scripted({ 1: [answer(429, { 'Retry-After': '1' }), 'ok'], 2: ['fail', 'ok'] });
	const timed = defineNode('timed', (list) => {
		for (const { json } of list) (at[String(json.id)] ??= []).push(Date.now());
		return [list.map(keep)];
	});
	const run = await runWorkflow(
		guarded({
			step: 'retry',
			parameters: { delayMs: 1, options: noJitter() },
			nodes: [
				{ name: 'Timed', type: 'timed' },
				{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
			],
			wires: [
				'Step.Call -> Timed',
				'Timed -> Call',
				'Call.Success -> Step.Succeeded',
				'Call.Error -> Step.Failed',
			],
			call: plan.type,
			nodeTypes: { timed },
			items: items(3),
		}),
	);
	expect(sortedEnds(run).good).toEqual([1, 2, 3]);
	expect(at[1]![1]! - at[1]![0]!).toBeGreaterThanOrEqual(1_000);
	// The one that waits does not hold up the other.
	expect(at[2]![1]!).toBeLessThan(at[1]![1]!);
});

it('grows its delays and counts the first attempt', async () => {
	const call = scripted({ 1: ['fail'] });
	const startedAt = Date.now();
	const run = await runWorkflow(
		guarded({
			step: 'retry',
			parameters: { maxAttempts: 4, delayMs: 20, options: noJitter() },
			call: call.type,
			items: items(1),
		}),
	);
	// 20 + 40 + 80 ms.
	expect(Date.now() - startedAt).toBeGreaterThanOrEqual(139);
	expect(call.callsOf(1)).toBe(4);
	expect(errorsAt(run, 'Bad')).toMatchObject([{ attempts: 4, gaveUp: 'max-attempts' }]);
});

it('does not try again what the request itself got wrong, unless a rule says so', async () => {
	const plan = { 1: [answer(404)], 2: [answer(503)], 3: [answer(404), 'ok' as const] };
	const run = async (rules: INodeParameters) => {
		const call = scripted(plan);
		const finished = await runWorkflow(
			guarded({
				step: 'retry',
				parameters: { maxAttempts: 2, delayMs: 1, ...rules },
				call: call.type,
				items: items(3),
			}),
		);
		return { finished, calls: [1, 2, 3].map(call.callsOf) };
	};
	const plain = await run({});
	expect(plain.calls).toEqual([1, 2, 1]);
	expect(sortedEnds(plain.finished).bad).toEqual([1, 2, 3]);
	expect(errorsAt(plain.finished, 'Bad')).toContainEqual({
		message: 'answered 404',
		statusCode: 404,
		attempts: 1,
		gaveUp: 'not-retryable',
	});
	const ruled = await run({
		rules: {
			rule: [
				{ statusCodes: '404', action: 'retry' },
				{ messagePattern: 'answered 5', action: 'give-up' },
			],
		},
	});
	expect(ruled.calls).toEqual([2, 1, 2]);
	expect(ends(ruled.finished).good).toEqual([3]);
});

it('reads the status from the answer and gives up when asked to wait too long', async () => {
	const call = scripted({ 1: [answer(503, { 'retry-after': '7200' })] });
	const run = await runWorkflow(
		guarded({ step: 'retry', parameters: { delayMs: 1 }, call: call.type, items: items(1) }),
	);
	expect(errorsAt(run, 'Bad')).toMatchObject([
		{ statusCode: 503, attempts: 1, gaveUp: 'retry-after-too-long' },
	]);
});

it('stops retrying when the budget that executions share is used up, and says why it failed', async () => {
	const policyName = 'budget';
	const call = scripted(Object.fromEntries(items(6).map(({ id }) => [id, ['fail' as const]])));
	const workflow = guarded({
		step: 'retry',
		parameters: {
			maxAttempts: 2,
			delayMs: 1,
			useRetryBudget: true,
			retryBudget: { policyName, minRetriesPerSecond: 0, percentCanRetry: 50, ttlMs: 60_000 },
			options: noJitter(),
		},
		call: call.type,
	});
	const runs = await Promise.all(
		[items(3), items(6).slice(3)].map(
			async (list) => await startWorkflow({ ...workflow, items: list }).finished,
		),
	);
	// Six calls pay for three retries.
	expect(call.calls).toHaveLength(9);
	const errors = runs.flatMap((run) => errorsAt(run, 'Bad'));
	expect(errors).toHaveLength(6);
	expect(errors.filter(({ gaveUp }) => gaveUp === 'retry-budget')).toHaveLength(3);
	for (const { message } of errors) expect(message).toMatch(/^planned failure/);
	expect(await figure('retry-budget', policyName, 'remaining')).toBe(0);
});

describe('an idempotency key', () => {
	/** Work that fails as planned, and which fields its items had. */
	const seeing = (plan: Parameters<typeof scripted>[0]) => {
		const { type } = scripted(plan);
		const seen: IDataObject[] = [];
		const execute = type.execute!;
		const spy = {
			...type,
			async execute(this: IExecuteFunctions) {
				seen.push(...this.getInputData().map(({ json }) => json));
				return await execute.call(this);
			},
		};
		const keysOf = (id: number) =>
			seen.filter((json) => json.id === id).map(({ idempotencyKey }) => idempotencyKey);
		return { type: spy, seen, keysOf };
	};

	const ways = [
		['the nodes between', guarded, (type: INodeType) => type],
		['a sub-workflow', guardedChild, throwing],
	] as const;

	describe.each(ways)('around %s', (_, around, as) => {
		const run = async (
			call: ReturnType<typeof seeing>,
			options: INodeParameters,
			list: IDataObject[] = items(3),
		) =>
			await runWorkflow(
				around({
					step: 'retry',
					parameters: { delayMs: 1, options: noJitter(options) },
					call: as(call.type),
					items: list,
				}),
			);

		it('is one for all attempts of an item, and another for each item', async () => {
			const call = seeing({ 1: ['fail', 'fail', 'ok'], 2: ['fail', 'ok'], 4: ['fail'] });
			const finished = await run(call, { idempotencyKey: 'generated' }, items(4));
			expect(sortedEnds(finished)).toEqual({ good: [1, 2, 3], bad: [4], rejected: [] });
			expect([1, 2, 3, 4].map((id) => call.keysOf(id).length)).toEqual([3, 2, 1, 3]);
			const keys = [1, 2, 3, 4].map((id) => [...new Set(call.keysOf(id))]);
			expect(keys.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
			expect(new Set(keys.flat()).size).toBe(4);
			for (const key of keys.flat())
				expect(key).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
		});

		it('may be of your own, in a field that you name', async () => {
			const call = seeing({ 1: ['fail', 'ok'] });
			await run(
				call,
				{
					idempotencyKey: 'own',
					idempotencyKeyValue: '=order-{{ $json.id }}',
					idempotencyKeyField: 'key',
				},
				[{ id: 1, key: 'what was there before' }],
			);
			expect(call.seen.map(({ key }) => key)).toEqual(['order-1', 'order-1']);
		});

		it('is not there unless it is asked for', async () => {
			const call = seeing({ 1: ['fail', 'ok'] });
			await run(call, {}, items(1));
			expect(call.seen).toEqual([{ id: 1 }, { id: 1 }]);
		});

		it('stays the same over a wait that suspends the execution', async () => {
			const call = seeing({ 1: ['fail', 'ok'] });
			const workflow = around({
				step: 'retry',
				parameters: {
					delayMs: 100_000,
					options: noJitter({ idempotencyKey: 'generated', maxDelayMs: 100_000 }),
				},
				call: as(call.type),
				items: items(1),
			});
			const waiting = await runWorkflow(workflow);
			expect(waiting.status).toBe('waiting');
			setAheadTo(waiting.waitTill!);
			const last = await waiting.resume();
			setBack();
			expect(ends(last).good).toEqual([1]);
			const [one, other] = call.keysOf(1);
			expect(one).toEqual(expect.any(String));
			expect(other).toBe(one);
		});

		it.each([
			[{ idempotencyKey: 'own' }, '"Idempotency Key Value" is ""'],
			[
				{ idempotencyKey: 'own', idempotencyKeyValue: '={{ $json.nothing }}' },
				'"Idempotency Key Value" is missing',
			],
			[{ idempotencyKey: 'generated', idempotencyKeyField: ' ' }, '"Idempotency Key Field" is " "'],
		])('refuses %j', async (options, words) => {
			const finished = await run(seeing({}), options, items(1));
			expect(finished.status).toBe('error');
			expect(finished.error?.message).toContain(words);
		});
	});

	it('is there in a pipeline, too', async () => {
		const call = seeing({ 1: ['fail', 'ok'] });
		await runWorkflow(
			guarded({
				step: 'resiliencePipeline',
				parameters: { retry: { delayMs: 1, jitter: 'none', idempotencyKey: 'generated' } },
				call: call.type,
				items: items(1),
			}),
		);
		const [one, other] = call.keysOf(1);
		expect(one).toEqual(expect.any(String));
		expect(other).toBe(one);
	});
});
