import { setTimeout as sleep } from 'node:timers/promises';

import type { Redis } from 'ioredis';

import { StateKeys, type RedisSettings } from '../../../adapters/redis';
import { StoreError } from '../../../core/errors';
import { definePolicy, guard } from '../../../core/policies/define';
import type { Admission, Permit, PolicyDefinition, Run, RunAnswer } from '../../../core/ports';
import { OUTCOME_REPEATED_MS } from '../../../core/store-outage';
import { overLimit, tooManyHolders, type CallRecord } from '../../support/call-history';
import { FaultProxy } from '../../support/fault-proxy';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { hammer, sharedNow } from '../../support/store-workers';
import { until } from '../../support/until';

/** A request waits for an answer, for a connection, and once more for an answer, in ms. */
const LONGEST_UNDER_WAY_MS = 1_000 + 3_000 + 1_000;

const WAIT_IN_OPEN_STATE_MS = 100;

let server: RedisServer;
let proxy: FaultProxy;
const stores: OpenStore[] = [];

beforeAll(async () => {
	server = await startRedis();
	proxy = await FaultProxy.start(server.port);
});

afterEach(async () => {
	for (const store of stores.splice(0)) store.close();
	await proxy.reset();
});

afterAll(async () => {
	await proxy.stop();
	await server.stop();
});

async function open(port = proxy.port, user: Partial<RedisSettings> = {}): Promise<OpenStore> {
	const opened = openStore({ ...standalone(port), ...user });
	stores.push(opened);
	await opened.connection.ready();
	return opened;
}

let names = 0;
const limiter = () =>
	definePolicy('rate-limiter', `limiter ${names++}`, { limit: 10, periodMs: 60_000 });
const bulkhead = (options = {}) =>
	definePolicy('bulkhead', `bulkhead ${names++}`, { maxConcurrentCalls: 1, ...options });
const breaker = () =>
	definePolicy('circuit-breaker', `breaker ${names++}`, {
		consecutiveFailureThreshold: 2,
		permittedNumberOfCallsInHalfOpenState: 1,
		waitDurationInOpenStateMs: WAIT_IN_OPEN_STATE_MS,
	});
const budget = () =>
	definePolicy('retry-budget', `budget ${names++}`, { ttlMs: 60_000, minRetriesPerSecond: 1 });

async function figureOf({ store }: OpenStore, { kind, name }: PolicyDefinition, figure: string) {
	return (await store.inspect({ kind, name, key: '' }))?.figures[figure];
}

/** Keys of a policy lapse as if so much time had passed. */
async function passTime({ connection }: OpenStore, { name }: PolicyDefinition, ms: number) {
	const { client } = connection;
	for (const key of await (client as Redis).keys(`*{p:${name}}*`))
		await client.pexpire(key, (await client.pttl(key)) - ms);
}

function runOf(answer: RunAnswer): Run {
	if (answer.status !== 'started') throw new Error(`It was ${answer.status}`);
	return answer.run;
}

function permitOf(admission: Admission): Permit {
	if (admission.status !== 'granted') throw new Error(`It was ${admission.status}`);
	return admission.permit;
}

describe('an answer that is lost after the script ran', () => {
	/** Every connection loses its answers from now on, and is closed; the next one works. */
	const loseAnswers = (): void => {
		proxy.addToxic({ type: 'timeout', stream: 'downstream', attributes: { timeout: 5 } });
		setTimeout(() => proxy.removeToxic('timeout_downstream'), 5);
	};

	it('leaves a call counted once', async () => {
		const policy = limiter();
		const opened = await open();
		const { store, request } = opened;
		await store.admit(request([policy]));
		loseAnswers();
		expect((await store.admit(request([policy]))).status).toBe('granted');
		expect(await figureOf(opened, policy, 'remaining')).toBe(8);
	});

	it('leaves an outcome counted once', async () => {
		const policy = breaker();
		const opened = await open();
		const { store, request } = opened;
		const permit = permitOf(await store.admit(request([policy])));
		loseAnswers();
		expect(await store.settle(permit, FAILURE)).toBe('held');
		expect(await figureOf(opened, policy, 'consecutiveFailures')).toBe(1);
	});

	it('leaves an outcome counted once that comes again as late as it may', async () => {
		const policy = breaker();
		const opened = await open(server.port);
		const { store, request } = opened;
		const permit = permitOf(await store.admit(request([policy])));
		await store.settle(permit, FAILURE);
		await passTime(opened, policy, OUTCOME_REPEATED_MS + LONGEST_UNDER_WAY_MS);
		expect(await store.settle(permit, FAILURE)).toBe('held');
		expect(await figureOf(opened, policy, 'consecutiveFailures')).toBe(1);
	});

	describe('of a call that goes on without it', () => {
		/** Under each policy that a call takes something of; the breaker is about to let a probe through. */
		const takeUnheard = async () => {
			const [limited, slots, broken, retried] = [limiter(), bulkhead(), breaker(), budget()];
			const opened = await open(server.port);
			const { store, request } = opened;
			await store.override(broken, '', 'open');
			await sleep(WAIT_IN_OPEN_STATE_MS + 10);
			const asked = { ...request([limited, slots, broken, retried]), attempt: 2 };
			expect((await store.admit(asked)).status).toBe('granted');
			const taken = async () => ({
				permits: 10 - ((await figureOf(opened, limited, 'remaining')) ?? 10),
				slots: (await figureOf(opened, slots, 'holders')) ?? 0,
				probes: await figureOf(opened, broken, 'probesStarted'),
				retries: 60 - ((await figureOf(opened, retried, 'retriesLeft')) ?? 60),
			});
			expect(await taken()).toEqual({ permits: 1, slots: 1, probes: 1, retries: 1 });
			return { opened, store, asked, taken };
		};
		const NOTHING = { permits: 0, slots: 0, probes: 0, retries: 0 };

		it('is taken back whole, and once', async () => {
			const { store, asked, taken } = await takeUnheard();
			await store.cancel(asked);
			expect(await taken()).toEqual(NOTHING);
			expect((await store.admit({ ...asked, permitId: `${asked.permitId}+` })).status).toBe(
				'granted',
			);
			await store.cancel(asked);
			expect(await taken()).toEqual({ permits: 1, slots: 1, probes: 1, retries: 1 });
		});

		it('is not taken in any more when it comes late', async () => {
			const { store, asked, taken } = await takeUnheard();
			await store.cancel(asked);
			expect((await store.admit(asked)).status).toBe('rejected');
			expect(await taken()).toEqual(NOTHING);
		});

		it('gives back what it holds when nobody knows any more what it was answered', async () => {
			const { opened, store, asked, taken } = await takeUnheard();
			for (const { policy } of asked.guards) await passTime(opened, policy, 15_000);
			await store.cancel(asked);
			expect(await taken()).toEqual({ ...NOTHING, permits: 1, retries: 1 });
		});

		it('is not taken back twice by a refund that comes late', async () => {
			const { store, asked, taken } = await takeUnheard();
			const again = permitOf(await store.admit(asked));
			await store.cancel(asked);
			await store.admit({ ...asked, permitId: `${asked.permitId}+` });
			await store.refund(again);
			expect(await taken()).toEqual({ permits: 1, slots: 1, probes: 1, retries: 1 });
		});
	});

	it('leaves work alone that began since it was forgotten', async () => {
		const [{ runs }, other] = await Promise.all([open(), open(server.port)]);
		const address = { name: 'pay', key: `order ${names++}` };
		const begin = async () =>
			await other.runs.begin({
				...address,
				runId: other.newId(),
				whenRunning: 'reject',
				whenFailed: 'return',
				leaseMs: 60_000,
				resultTtlMs: 60_000,
			});
		await other.runs.end(runOf(await begin()), { state: 'failed', failure: { message: 'no' } });
		proxy.addToxic({ type: 'timeout', stream: 'downstream', attributes: { timeout: 0 } });
		const forgotten = runs.forget(address);
		await until(async () => (await other.runs.inspect(address)) === undefined);
		const run = runOf(await begin());
		await proxy.reset();
		proxy.cut();
		await forgotten;
		expect(await other.runs.extend(run, 60_000)).toBe('held');
		await runs.forget(address);
		expect(await other.runs.extend(run, 60_000)).toBe('lost');
	});

	it.each([
		['in its middle', { type: 'limit_data', attributes: { bytes: 3 } }],
		['by a reset', { type: 'reset_peer', attributes: { timeout: 0 } }],
	] as const)('counts once when it is cut %s', async (_, toxic) => {
		const policy = limiter();
		const opened = await open();
		const { store, request, connection } = opened;
		proxy.addToxic(toxic);
		connection.client.once('close', () => proxy.removeToxic(`${toxic.type}_downstream`));
		expect((await store.admit(request([policy]))).status).toBe('granted');
		expect(await figureOf(opened, policy, 'remaining')).toBe(9);
	});
});

it('fails for what alone cannot be read among requests of one turn', async () => {
	const policy = limiter();
	const opened = await open();
	const { store, request, connection } = opened;
	const under = (key: string) => ({ ...request([policy]), guards: [guard(policy, key)] });
	const broken = `${new StateKeys('bulwark:').stateBase(policy)}broken`;
	await connection.client.lpush(broken, 'no state');
	const asked = ['', 'broken', '', 'other'].map(async (key) => await store.admit(under(key)));
	const [first, failed, third, fourth] = await Promise.allSettled(asked);
	expect(failed).toMatchObject({ reason: { code: 'STORE_STATE_INVALID' } });
	expect(String((failed as PromiseRejectedResult).reason)).toContain('WRONGTYPE');
	for (const answered of [first, third, fourth])
		expect(answered).toMatchObject({ value: { status: 'granted' } });
	expect(await figureOf(opened, policy, 'remaining')).toBe(8);
});

it('waits for a slow answer no longer than it must', async () => {
	const policy = limiter();
	const { store, request } = await open();
	proxy.addToxic({ type: 'latency', attributes: { latency: 150, jitter: 50 } });
	const askedAt = sharedNow();
	expect((await store.admit(request([policy]))).status).toBe('granted');
	expect(sharedNow() - askedAt).toBeGreaterThanOrEqual(100);
});

it('gives up what disappears in a black hole, and works again on a new connection', async () => {
	const policy = limiter();
	const { store, request, connection } = await open();
	await store.admit(request([policy]));
	proxy.addToxic({ type: 'timeout', stream: 'upstream', attributes: { timeout: 0 } });
	const askedAt = sharedNow();
	await expect(store.admit(request([policy]))).rejects.toThrow(StoreError);
	expect(sharedNow() - askedAt).toBeLessThan(6_000);
	await proxy.reset();
	await connection.ready();
	expect((await store.admit(request([policy]))).status).toBe('granted');
});

it('does not connect again for what was under way when it was closed', async () => {
	const { store, request, connection } = await open();
	proxy.loseReplies();
	const asked = store.admit(request([limiter()]));
	await new Promise((sent) => process.nextTick(sent));
	connection.close();
	await expect(asked).rejects.toBeInstanceOf(StoreError);
	expect(connection.isClosed).toBe(true);
	proxy.passReplies();
});

it('fails at once while Redis refuses connections, and works again when it does not', async () => {
	const policy = limiter();
	const { connection, store, request } = await open();
	await store.admit(request([policy]));
	await proxy.disable();
	await expect(store.admit(request([policy]))).rejects.toMatchObject({
		code: 'STORE_UNREACHABLE',
		message: expect.stringContaining('ECONNREFUSED'),
	});
	await proxy.enable();
	await connection.ready();
	expect((await store.admit(request([policy]))).status).toBe('granted');
});

it('wakes a call of another process as soon as a slot is free, also after connections were lost', async () => {
	const policy = bulkhead({ maxWaitDurationMs: 60_000 });
	const [first, second] = [await open(), await open()];
	for (let round = 0; round < 2; round++) {
		const held = permitOf(await first.store.admit(first.request([policy])));
		const waiting = second.request([policy]);
		expect((await second.store.admit(waiting)).status).toBe('queued');
		if (round === 1) {
			const listener = await second.connection.listen();
			const isBack = new Promise((resolve) => listener.once('ready', resolve));
			proxy.cut();
			await isBack;
			await Promise.all([first.connection.ready(), second.connection.ready()]);
			// The listener has subscribed again when another command of its own is answered.
			await listener.ping();
			expect(listener.listenerCount('message')).toBe(1);
		}
		let isCalled = false;
		const turn = second.store.awaitTurn(waiting, 60_000).then(() => (isCalled = true));
		await first.store.settle(held, { kind: 'success', latencyMs: 1 });
		await turn;
		expect(isCalled).toBe(true);
		const granted = permitOf(await second.store.admit(waiting));
		await second.store.settle(granted, { kind: 'success', latencyMs: 1 });
	}
});

it.each([
	{ command: 'FUNCTION', rights: '+@all' },
	// Runs scripts instead.
	{ command: 'SCRIPT', rights: '+@all -function' },
])('goes on after $command FLUSH', async ({ command, rights }) => {
	const admin = await open();
	await admin.connection.client.call(
		'ACL',
		'SETUSER',
		'flushed',
		'reset',
		'on',
		'nopass',
		'~*',
		'&*',
		...rights.split(' '),
	);
	await admin.connection.client.call('FUNCTION', 'FLUSH');
	const policy = limiter();
	const opened = await open(proxy.port, { username: 'flushed', password: 'any' });
	const { store, request } = opened;
	await store.admit(request([policy]));
	await admin.connection.client.call(command, 'FLUSH');
	expect((await store.admit(request([policy]))).status).toBe('granted');
	expect(await figureOf(opened, policy, 'remaining')).toBe(8);
});

it('says so when the server has become a replica, and goes on when it is a master again', async () => {
	const policy = limiter();
	const admin = await open(server.port);
	const { connection, store, request } = await open();
	await store.admit(request([policy]));
	await admin.connection.client.call('REPLICAOF', '127.0.0.1', '1');
	await expect(store.admit(request([policy]))).rejects.toThrow('READONLY');
	await admin.connection.client.call('REPLICAOF', 'NO', 'ONE');
	await connection.ready();
	expect((await store.admit(request([policy]))).status).toBe('granted');
});

describe('FLUSHALL under load', () => {
	const LEASE_MS = 60_000;
	const [SLOTS, LIMIT, PERIOD_MS] = [3, 20, 500];

	it('is gone through without a pause; what was known is forgotten once', async () => {
		const slots = bulkhead({ maxConcurrentCalls: SLOTS, maxWaitDurationMs: 0 });
		const window = definePolicy('rate-limiter', `limiter ${names++}`, {
			limit: LIMIT,
			periodMs: PERIOD_MS,
		});
		const opened = await open(server.port);
		const plan = { policies: [slots, window], inFlight: 12, seed: 1, leaseMs: LEASE_MS };
		const history = hammer(opened, { ...plan, durationMs: 1_500, abandonedCalls: 0, longCalls: 0 });
		await sleep(700);
		// Their holders still hold them, and learn that they do not.
		const outlasting = await opened.store.admit(opened.request([bulkhead()], LEASE_MS));
		const flushedFrom = sharedNow();
		await opened.connection.client.flushall();
		const flushedUntil = sharedNow();
		const calls = await history;

		expect(await opened.store.settle(permitOf(outlasting), SUCCESS)).toBe('lost');
		const held = calls.filter(({ policy }) => policy === slots.name);
		const before = held.filter(({ answeredAt }) => answeredAt < flushedFrom);
		const after = held.filter(({ askedAt }) => askedAt > flushedUntil);
		expect(tooManyHolders(before, SLOTS, LEASE_MS)).toEqual([]);
		expect(tooManyHolders(after, SLOTS, LEASE_MS)).toEqual([]);
		expect(tooManyHolders(held, 2 * SLOTS, LEASE_MS)).toEqual([]);
		expect(after.filter(isGranted).length).toBeGreaterThan(0);
		const counted = calls.filter(({ policy }) => policy === window.name);
		expect(overLimit(counted, 2 * LIMIT, PERIOD_MS)).toEqual([]);
		expect(counted.filter(isGranted).length).toBeGreaterThan(2 * LIMIT);
	});
});

const FAILURE = { kind: 'failure', latencyMs: 1 } as const;

const SUCCESS = { kind: 'success', latencyMs: 1 } as const;

const isGranted = ({ status }: CallRecord) => status === 'granted';
