import { Redis } from 'ioredis';

import { definePolicy } from '../../../core/policies/define';
import type { PolicyDefinition } from '../../../core/ports';
import { closeServices } from '../../../nodes/shared/state';
import { ends, errorsAt, guarded, guardedChild, items } from '../../support/guarded-workflow';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { gated, recorder, scripted } from '../../support/test-nodes';
import { until } from '../../support/until';
import { runWorkflow, startWorkflow } from '../../support/workflow-harness';
import { inRedis } from './redis-steps';

let server: RedisServer;
let admin: Redis;
/** Another worker. */
let other: OpenStore;

beforeAll(async () => {
	server = await startRedis();
	admin = new Redis(server.port, '127.0.0.1');
	other = openStore(standalone(server.port));
});

afterAll(async () => {
	await closeServices();
	other.close();
	admin.disconnect();
	await server.stop();
});

const ways = [
	['the nodes between', guarded],
	['a sub-workflow', guardedChild],
] as const;

let names = 0;
const newName = () => `service ${names++}`;

const named = (policyName: string, options = {}) => ({ options: { policyName, ...options } });

const holders = async ({ name }: PolicyDefinition) =>
	(await other.store.inspect({ kind: 'bulkhead', name, key: '' }))?.figures.holders ?? 0;

/** Another worker takes a slot. */
async function holdSlot(policy: PolicyDefinition) {
	const admission = await other.store.admit(other.request([policy], 60_000));
	if (admission.status !== 'granted') throw new Error('There should be a free slot');
	return () => other.store.settle(admission.permit, { kind: 'success', latencyMs: 1 });
}

describe.each(ways)('around %s', (_, around) => {
	it('heeds a breaker that another worker has opened, and tells others of its own', async () => {
		const name = newName();
		const breaker = definePolicy('circuit-breaker', name, { minimumNumberOfCalls: 2 });
		const step = (plan: Parameters<typeof scripted>[0]) =>
			around({
				step: 'circuitBreaker',
				...inRedis(server.port, named(name, { minimumNumberOfCalls: 2 })),
				call: scripted(plan).type,
				items: items(1),
			});
		expect(ends(await runWorkflow(step({}))).good).toEqual([1]);
		await other.store.override(breaker, '', 'open');
		const run = await runWorkflow(step({}));
		expect(errorsAt(run, 'Rejected')).toMatchObject([{ code: 'CIRCUIT_OPEN', policy: name }]);
		await other.store.override(breaker, '', 'reset');
		// For a moment the process goes by what it knew.
		await until(async () => ends(await runWorkflow(step({}))).good.length === 1);
	});

	it('shares the slots of a bulkhead, waits in its queue, and gives slots back', async () => {
		const name = newName();
		const bulkhead = definePolicy('bulkhead', name, {
			maxConcurrentCalls: 1,
			maxWaitDurationMs: 60_000,
		});
		const giveBack = await holdSlot(bulkhead);
		const call = recorder(1);
		const running = startWorkflow(
			around({
				step: 'bulkhead',
				...inRedis(server.port, {
					maxConcurrentCalls: 1,
					...named(name, { maxWaitDurationMs: 60_000 }),
				}),
				call: call.type,
				items: items(3),
			}),
		);
		await until(async () => {
			const found = await other.store.inspect({ kind: 'bulkhead', name, key: '' });
			return (found?.figures.queued ?? 0) > 0;
		});
		expect(call.record.runs).toBe(0);
		await giveBack();
		expect(ends(await running.finished).good).toEqual([1, 2, 3]);
		expect(call.record.peak).toBe(1);
		expect(await holders(bulkhead)).toBe(0);
	});

	it('gives its slot back when the execution is stopped', async () => {
		const name = newName();
		const bulkhead = definePolicy('bulkhead', name, { maxConcurrentCalls: 1 });
		const call = gated();
		const running = startWorkflow(
			around({
				step: 'bulkhead',
				...inRedis(server.port, { maxConcurrentCalls: 1, ...named(name) }),
				call: call.type,
				items: items(1),
			}),
		);
		await call.entered();
		expect(await holders(bulkhead)).toBe(1);
		running.cancel();
		await running.finished;
		await until(async () => (await holders(bulkhead)) === 0);
	});

	it('keeps to one limit with all workers', async () => {
		const name = newName();
		const settings = { limit: 3, periodMs: 60_000 };
		const limiter = definePolicy('rate-limiter', name, { ...settings, burst: 3 });
		const parameters = { ...settings, burst: 3, whenLimited: 'reject', ...named(name) };
		await other.store.admit(other.request([limiter]));
		const run = await runWorkflow(
			around({
				step: 'rateLimiter',
				...inRedis(server.port, parameters),
				items: items(4),
			}),
		);
		expect([ends(run).good.length, ends(run).rejected.length]).toEqual([2, 2]);
	});
});

it('takes permits of a limiter ahead, and gives back what it has not used', async () => {
	const name = newName();
	// Long times: what nobody used would go back by itself when they are over.
	const settings = { limit: 1_000, periodMs: 86_400_000 };
	const limiter = definePolicy('rate-limiter', name, settings);
	const remaining = async () =>
		(await other.store.inspect({ kind: 'rate-limiter', name, key: '' }))?.figures.remaining ?? 0;
	await other.store.admit(other.request([limiter]));
	const run = await runWorkflow(
		guarded({
			step: 'rateLimiter',
			...inRedis(server.port, {
				...settings,
				...named(name, { localLeases: true, leaseMaxAgeMs: 60_000 }),
			}),
			items: items(40),
		}),
	);
	expect(ends(run).good).toHaveLength(40);
	expect(await remaining()).toBeLessThan(959);
	await closeServices();
	expect(await remaining()).toBe(959);
});

it('answers with the last good result of any worker', async () => {
	const key = newName();
	const fallback = (plan: Parameters<typeof scripted>[0]) =>
		guarded({
			step: 'fallback',
			...inRedis(server.port, {
				key,
				alternatives: { alternative: [{ type: 'lastGood' }] },
				policyName: 'quotes',
			}),
			call: scripted(plan).type,
			items: items(1),
			workflowId: 'quotes',
		});
	await runWorkflow(fallback({}));
	const run = await runWorkflow(fallback({ 1: ['fail'] }));
	expect(run.json('Good')).toMatchObject([{ id: 1, fallback: { source: 'last-good' } }]);
	expect(await admin.keys('bulwark:result:*')).toHaveLength(1);
	expect(await admin.pttl((await admin.keys('bulwark:result:*'))[0]!)).toBeGreaterThan(0);
});

it('uses one connection for commands and one that listens, however many steps run', async () => {
	await closeServices();
	const mine = async () =>
		((await admin.client('LIST')) as string)
			.split('\n')
			.filter((line) => line.includes('name=bulwark'));
	other.close();
	await until(async () => (await mine()).length === 0);
	const bulkhead = () =>
		guarded({
			step: 'bulkhead',
			...inRedis(server.port, named(newName(), { maxWaitDurationMs: 1_000 })),
			items: items(2),
		});
	await Promise.all(Array.from({ length: 10 }, () => runWorkflow(bulkhead())));
	expect(await mine()).toHaveLength(2);
});
