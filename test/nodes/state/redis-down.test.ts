import { LoggerProxy } from 'n8n-workflow';

import { closeServices } from '../../../nodes/shared/state';
import { FaultProxy } from '../../support/fault-proxy';
import { ends, errorsAt, guarded, guardedChild, items } from '../../support/guarded-workflow';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { scripted } from '../../support/test-nodes';
import { until } from '../../support/until';
import { runWorkflow } from '../../support/workflow-harness';
import { inRedis } from './redis-steps';

let server: RedisServer;
let proxy: FaultProxy;
const logged: string[] = [];

beforeAll(async () => {
	// n8n puts its own logger in place when it first runs something.
	await runWorkflow(guarded({ step: 'retry', items: items(1) }));
	const note = (message: string) => void (message.includes('Bulwark') && logged.push(message));
	LoggerProxy.init({ error: note, warn: note, info: note, debug: note } as never);
	server = await startRedis();
	proxy = await FaultProxy.start(server.port);
});

afterEach(async () => {
	await proxy.enable();
	await closeServices();
	logged.splice(0);
});

afterAll(async () => {
	await proxy.stop();
	await server.stop();
});

const ways = [
	['the nodes between', guarded],
	['a sub-workflow', guardedChild],
] as const;

let names = 0;

// First of all: the log says once a minute that Redis is slow.
it('says of a Redis that answers nothing how long it was waited for, and what to check', async () => {
	proxy.addToxic({ type: 'timeout', attributes: { timeout: 0 } });
	const run = await runWorkflow(
		guarded({ step: 'bulkhead', ...inRedis(proxy.port, {}), items: items(1) }),
	);
	expect(ends(run).good).toEqual([1]);
	await proxy.reset();
	expect(logged[0]).toMatch(/Redis did not answer within 1000 ms\. Check that it runs/);
});

describe.each(ways)('around %s', (_, around) => {
	/** A limiter that lets two items through, in a Redis that may be down. */
	const limited = (whenRedisIsDown: string, policyName = `limiter ${names++}`) =>
		runWorkflow(
			around({
				step: 'rateLimiter',
				...inRedis(proxy.port, {
					limit: 2,
					burst: 2,
					periodMs: 60_000,
					whenLimited: 'reject',
					whenRedisIsDown,
					options: { policyName },
				}),
				items: items(3),
			}),
		);

	it('lets all calls pass, and marks them', async () => {
		await proxy.disable();
		const run = await limited('allow');
		expect(ends(run).good).toEqual([1, 2, 3]);
		for (const { degraded } of run.json('Good'))
			expect(degraded).toEqual({ code: 'STORE_UNREACHABLE', whenRedisIsDown: 'allow' });
	});

	it('turns all calls away', async () => {
		await proxy.disable();
		const run = await limited('reject');
		expect(ends(run).rejected).toEqual([1, 2, 3]);
		expect(errorsAt(run, 'Rejected')[0]).toMatchObject({ code: 'STORE_UNREACHABLE' });
		expect(errorsAt(run, 'Rejected')[0]?.remedy).toMatch(/Redis/);
	});

	it('counts in this process, marks what passes, and goes back to Redis by itself', async () => {
		const name = `limiter ${names++}`;
		expect(ends(await limited('local', name)).good).toHaveLength(2);
		await proxy.disable();
		const run = await limited('local', name);
		expect([ends(run).good, ends(run).rejected]).toEqual([[1, 2], [3]]);
		for (const { degraded } of run.json('Good'))
			expect(degraded).toEqual({ code: 'STORE_UNREACHABLE', whenRedisIsDown: 'local' });
		expect(errorsAt(run, 'Rejected')).toMatchObject([{ code: 'RATE_LIMITED' }]);

		await proxy.enable();
		await until(() => logged.some((line) => line.includes('again')));
		// The limit that Redis knows of is used up.
		expect(ends(await limited('local', name)).rejected).toEqual([1, 2, 3]);
	});

	it('marks calls that fail, too', async () => {
		await proxy.disable();
		const run = await runWorkflow(
			around({
				step: 'circuitBreaker',
				...inRedis(proxy.port, { whenRedisIsDown: 'allow' }),
				call: scripted({ 1: ['fail'] }).type,
				items: items(1),
			}),
		);
		const [item] = [...run.json('Bad'), ...run.json('Good')];
		expect(item?.degraded).toMatchObject({ whenRedisIsDown: 'allow' });
	});
});

it('says once that Redis is lost, and once that it is back', async () => {
	const call = () =>
		runWorkflow(guarded({ step: 'bulkhead', ...inRedis(proxy.port, {}), items: items(5) }));
	await call();
	await proxy.disable();
	await call();
	await call();
	const outages = () => logged.filter((line) => !line.includes('did not answer within'));
	expect(outages()).toEqual([
		expect.stringMatching(/cannot reach its Redis: .*\. Check that it runs/),
	]);
	await proxy.enable();
	await until(() => outages().length > 1);
	await call();
	expect(outages()).toEqual([
		expect.stringContaining('cannot reach its Redis'),
		expect.stringContaining('reaches its Redis again'),
	]);
});
