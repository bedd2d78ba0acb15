import { setTimeout as sleep } from 'node:timers/promises';

import type { INodeParameters, INodeType } from 'n8n-workflow';

import { ends, errorsAt, guarded, guardedChild, items } from '../support/guarded-workflow';
import { figure, setAheadTo, setBack } from '../support/process-state';
import { gated, scripted, start, throwing } from '../support/test-nodes';
import { until } from '../support/until';
import { startWorkflow } from '../support/workflow-harness';

const ways = [
	['nodes', guarded],
	['a sub-workflow', guardedChild],
] as const;

/** Lets go what a test that failed still holds: n8n would wait for it. */
const holding: Array<() => void> = [];

afterEach(() => {
	setBack();
	holding.splice(0).forEach((letGo) => letGo());
});

describe.each(ways)('a call that waits to be let through to %s', (way, make) => {
	/** Workflows that share one pipeline's state. */
	function pipelines(test: string, parameters: INodeParameters) {
		const policyName = `${test}, ${way}`;
		const bulkhead = { maxConcurrentCalls: 1, maxWaitDurationMs: 600 };
		const options = { policyName };
		return {
			run: (call: INodeType) =>
				startWorkflow(
					make({
						step: 'resiliencePipeline',
						parameters: { useBulkhead: true, bulkhead, options, ...parameters },
						call,
						items: items(1),
					}),
				),
			/** Takes the slot without asking anything but the bulkhead. */
			hold: () => {
				const call = gated();
				const { finished } = startWorkflow(
					guarded({
						step: 'bulkhead',
						parameters: { maxConcurrentCalls: 1, options },
						call: call.type,
						items: items(1),
					}),
				);
				const entered = call.entered(1);
				holding.push(call.release);
				const letGo = async () => {
					call.release();
					await finished;
				};
				return { entered, letGo };
			},
			queued: async (count: number) =>
				await until(async () => (await figure('bulkhead', policyName, 'queued')) === count),
		};
	}

	it('has all its patience with the bulkhead after it waited for the limiter', async () => {
		const { run, hold, queued } = pipelines('limiter', {
			useRateLimiter: true,
			rateLimiter: { algorithm: 'gcra', limit: 1, periodMs: 1_000, maxWaitMs: 10_000 },
		});
		await run(start()).finished;
		const first = hold();
		await first.entered;
		const { finished } = run(start());
		await Promise.race([queued(1), finished]);
		await first.letGo();
		expect(ends(await finished)).toEqual({ good: [1], bad: [], rejected: [] });
	});

	it('has all its patience with the bulkhead again at the next attempt', async () => {
		const { run, hold, queued } = pipelines('retry', {
			retry: { delayMs: 50, jitter: 'none' },
		});
		const call = scripted({ 1: ['fail', 'ok'] });
		const first = hold();
		await first.entered;
		const { finished } = run(make === guarded ? call.type : throwing(call.type));
		await queued(1);
		const second = hold();
		await queued(2);
		await sleep(400);
		await first.letGo();
		await second.entered;
		await queued(1);
		await sleep(400);
		await second.letGo();
		expect(ends(await finished)).toEqual({ good: [1], bad: [], rejected: [] });
		expect(call.callsOf(1)).toBe(2);
	});

	it('waits for the limiter no longer than it may, over all waits that suspend the execution', async () => {
		const run = (id: number) =>
			startWorkflow(
				make({
					step: 'rateLimiter',
					parameters: {
						limit: 1,
						periodMs: 90_000,
						maxWaitMs: 120_000,
						options: { policyName: `suspended, ${way}` },
					},
					items: [{ id }],
				}),
			).finished;
		await run(1);
		const first = await run(2);
		expect(first.status).toBe('waiting');
		setAheadTo(first.waitTill!);
		// Another execution comes first.
		await run(3);
		const last = await first.resume();
		expect(last.status).toBe('success');
		expect(ends(last)).toEqual({ good: [], bad: [], rejected: [2] });
		expect(errorsAt(last, 'Rejected')[0]).toMatchObject({ code: 'RATE_LIMITED' });
	});

	it('has all its time for retries however long it waited for its first attempt', async () => {
		const { run, hold, queued } = pipelines('elapsed', {
			retry: { delayMs: 1, jitter: 'none', maxElapsedMs: 1_000 },
			bulkhead: { maxConcurrentCalls: 1, maxWaitDurationMs: 10_000 },
		});
		const call = scripted({ 1: ['fail', 'ok'] });
		const first = hold();
		await first.entered;
		const { finished } = run(make === guarded ? call.type : throwing(call.type));
		await queued(1);
		await sleep(1_050);
		await first.letGo();
		expect(ends(await finished)).toEqual({ good: [1], bad: [], rejected: [] });
		expect(call.callsOf(1)).toBe(2);
	});
});
