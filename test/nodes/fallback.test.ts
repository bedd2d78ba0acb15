import type { INodeParameters } from 'n8n-workflow';

import {
	childId,
	ends,
	errorsAt,
	guarded,
	guardedChild,
	items,
	sortedEnds,
} from '../support/guarded-workflow';
import { setAhead, setBack } from '../support/process-state';
import type { start } from '../support/test-nodes';
import { gated, scripted, slow, stopper, throwing } from '../support/test-nodes';
import { runWorkflow, startWorkflow } from '../support/workflow-harness';

const alternatives = (...alternative: INodeParameters[]): INodeParameters => ({
	alternatives: { alternative },
});

const lastGood = { type: 'lastGood' };
const fixed = (value: string) => ({ type: 'static', value });
const other = (id: string) => ({ type: 'subWorkflow', workflowId: childId(id) });

/** Around nodes between, and around a sub-workflow. */
const ways = [
	['the nodes between', guarded, (type: ReturnType<typeof start>) => type],
	['a sub-workflow', guardedChild, throwing],
] as const;

afterEach(setBack);

describe.each(ways)('around %s', (_, around, as) => {
	it('answers with a value for items that fail, and leaves the others alone', async () => {
		const call = scripted({ 2: ['fail'] });
		const run = await runWorkflow(
			around({
				step: 'fallback',
				parameters: alternatives(fixed('={{ { "id": $json.id, "status": "unknown" } }}')),
				call: as(call.type),
				items: items(3),
			}),
		);
		expect(sortedEnds(run)).toEqual({ good: [1, 2, 3], bad: [], rejected: [] });
		expect(run.json('Good').find(({ id }) => id === 2)).toEqual({
			id: 2,
			status: 'unknown',
			fallback: { source: 'static', alternative: 1, message: 'planned failure of 2' },
			probed: 2,
		});
		expect(run.json('Good').filter(({ fallback }) => fallback !== undefined)).toHaveLength(1);
	});

	it('answers with the last good result of the same key, as long as it is young enough', async () => {
		const call = scripted({ 1: ['ok', 'fail'], 2: ['ok', 'fail'] });
		const workflow = around({
			step: 'fallback',
			parameters: {
				...alternatives({ ...lastGood, maxAgeMs: 60_000 }),
				key: '={{ $json.id }}',
			},
			call: as(call.type),
		});
		const run = async () =>
			await runWorkflow({
				...workflow,
				items: items(2).map((item) => ({ ...item, at: Date.now() })),
			});
		const good = await run();
		const stale = await run();
		expect(stale.json('Good')).toMatchObject(
			good.json('Good').map(({ id, at }) => ({ id, at, fallback: { source: 'last-good' } })),
		);
		setAhead(60_001);
		expect(ends(await run())).toEqual({ good: [], bad: [1, 2], rejected: [] });
	});

	it('asks another workflow, and goes down the list when that fails', async () => {
		const call = scripted({ 1: ['fail'], 2: ['fail'] });
		const workflow = around({
			step: 'fallback',
			parameters: alternatives(lastGood, other('broken'), other('backup'), fixed('{}')),
			call: as(call.type),
			items: items(2),
			nodeTypes: { stop: stopper() },
		});
		const run = await runWorkflow({
			...workflow,
			subWorkflows: {
				...workflow.subWorkflows,
				broken: {
					nodes: [
						{ name: 'Begin', type: 'start' },
						{ name: 'Stop', type: 'stop' },
					],
					connections: ['Begin -> Stop'],
				},
				backup: { nodes: [{ name: 'Begin', type: 'start' }], connections: [] },
			},
		});
		expect(ends(run)).toEqual({ good: [1, 2], bad: [], rejected: [] });
		expect(run.json('Good')[0]).toMatchObject({ fallback: { alternative: 3, source: 'dynamic' } });
	});

	it('lets the failure stand when nothing has an answer', async () => {
		const call = scripted({ 1: ['fail'] });
		const run = await runWorkflow(
			around({
				step: 'fallback',
				parameters: alternatives(lastGood),
				call: as(call.type),
				items: items(1),
			}),
		);
		expect(ends(run)).toEqual({ good: [], bad: [1], rejected: [] });
		expect(errorsAt(run, 'Bad')).toMatchObject([{ message: 'planned failure of 1', attempts: 1 }]);
	});

	it('in a pipeline, answers for items that are rejected, too', async () => {
		const run = await runWorkflow(
			around({
				step: 'resiliencePipeline',
				parameters: {
					mode: around === guarded ? 'between' : 'subWorkflow',
					useFallback: true,
					...alternatives(fixed('={{ { "id": $json.id } }}')),
					useRateLimiter: true,
					rateLimiter: { limit: 1, periodMs: 60_000, whenLimited: 'reject' },
				},
				items: items(2),
			}),
		);
		expect(sortedEnds(run)).toEqual({ good: [1, 2], bad: [], rejected: [] });
		expect(run.json('Good').find(({ id }) => id === 2)).toMatchObject({
			fallback: { code: 'RATE_LIMITED' },
		});
	});

	it('in a pipeline, answers only after the last attempt', async () => {
		const call = scripted({ 1: ['fail', 'fail', 'ok'], 2: ['fail'] });
		const run = await runWorkflow(
			around({
				step: 'resiliencePipeline',
				parameters: {
					mode: around === guarded ? 'between' : 'subWorkflow',
					useFallback: true,
					...alternatives(fixed('={{ { "id": $json.id } }}')),
					retry: { maxAttempts: 3, delayMs: 1, jitter: 'none' },
				},
				call: as(call.type),
				items: items(2),
			}),
		);
		expect(sortedEnds(run).good).toEqual([1, 2]);
		expect([1, 2].map(call.callsOf)).toEqual([3, 3]);
		expect(run.json('Good').find(({ id }) => id === 1)).not.toHaveProperty('fallback');
	});
});

it('asks nobody when the execution was stopped', async () => {
	const work = gated();
	const backup = slow(0);
	const workflow = guardedChild({
		step: 'fallback',
		parameters: alternatives(other('backup')),
		call: work.type,
		items: items(1),
		nodeTypes: { backup: backup.type },
	});
	const running = startWorkflow({
		...workflow,
		subWorkflows: {
			...workflow.subWorkflows,
			backup: { nodes: [{ name: 'Backup', type: 'backup' }], connections: [] },
		},
	});
	await work.entered();
	running.cancel();
	expect((await running.finished).status).toBe('canceled');
	expect(backup.state.started).toBe(0);
	work.release();
});
