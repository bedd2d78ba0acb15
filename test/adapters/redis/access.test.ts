import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';

import type { Redis } from 'ioredis';

import type { RedisSettings } from '../../../adapters/redis';
import { StoreError } from '../../../core/errors';
import { systemClock } from '../../../adapters/system';
import { definePolicy } from '../../../core/policies/define';
import type { PolicyDefinition } from '../../../core/ports';
import { StoreHealth, type StoreEvent } from '../../../core/store-outage';
import { changePlan } from '../../support/change-plan';
import { documentedRights } from '../../support/documented-rights';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { keysAndValues, plantedSecret, secretsIn } from '../../support/planted-secrets';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { until } from '../../support/until';

const RIGHTS = documentedRights.join(' ');

const PASSWORD = plantedSecret('access');
const SUCCESS = { kind: 'success', latencyMs: 1 } as const;

let server: RedisServer;
let admin: OpenStore;
const stores: OpenStore[] = [];

/** Whatever anything writes to the console. */
const written: string[] = [];

beforeAll(async () => {
	for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
		jest.spyOn(console, method).mockImplementation((...args) => void written.push(inspect(args)));
	server = await startRedis();
	admin = openStore(standalone(server.port));
	await admin.connection.ready();
});

afterEach(async () => {
	for (const store of stores.splice(0)) store.close();
	await command('FUNCTION', 'FLUSH');
	await command('SCRIPT', 'FLUSH');
});

afterAll(async () => {
	admin.close();
	await server.stop();
	jest.restoreAllMocks();
});

const command = async (name: string, ...args: string[]) =>
	await admin.connection.client.call(name, ...args);

const setUser = async (name: string, rights: string, password = PASSWORD) =>
	await command('ACL', 'SETUSER', name, 'reset', 'on', `>${password}`, ...rights.split(' '));

function open(settings: Partial<RedisSettings> = {}): OpenStore {
	const opened = openStore({ ...standalone(server.port), ...settings });
	stores.push(opened);
	return opened;
}

const openAs = (username: string, password = PASSWORD): OpenStore => open({ username, password });

async function failureOf(work: Promise<unknown>): Promise<StoreError> {
	const failure: unknown = await work.then(
		() => undefined,
		(error: unknown) => error,
	);
	expect(failure).toBeInstanceOf(StoreError);
	return failure as StoreError;
}

/** All that can be seen of an error. */
const shown = (error: Error): string =>
	[
		inspect(error, { depth: Infinity, showHidden: true }),
		JSON.stringify(error),
		error.stack,
	].join();

const policies: PolicyDefinition[] = [
	...(['sliding-window', 'gcra', 'fixed-window'] as const).map((algorithm) =>
		definePolicy('rate-limiter', 'all', {
			algorithm,
			adaptive: true,
			limit: 100,
			periodMs: 60_000,
		}),
	),
	definePolicy('retry-budget', 'all'),
	definePolicy('timeout', 'all', { strategy: 'adaptive' }),
	...(['count-based', 'time-based'] as const).map((slidingWindowType) =>
		definePolicy('circuit-breaker', `all ${slidingWindowType}`, {
			slidingWindowType,
			thresholdStrategy: 'adaptive',
			permittedNumberOfCallsInHalfOpenState: 1,
			waitDurationInOpenStateMs: 1,
		}),
	),
	definePolicy('bulkhead', 'all', { maxConcurrentCalls: 1, maxWaitDurationMs: 60_000 }),
	definePolicy('bulkhead', 'all adaptive', { strategy: 'aimd' }),
];

/** Goes through all that steps and the MCP server ask of Redis. */
async function useAll({ store, plans, request }: OpenStore): Promise<void> {
	await store.check();
	const plan = changePlan();
	await plans.save(plan, 60_000);
	expect(await plans.use(plan.id)).toBe(true);
	expect(await plans.find(plan.id)).toEqual({ plan, isUsed: true });
	for (const policy of policies) {
		const address = { kind: policy.kind, name: policy.name, key: '' };
		const asked = request([policy]);
		const admission = await store.admit(asked);
		if (admission.status !== 'granted') throw new Error(`${policy.name}: ${admission.status}`);
		expect(await store.extend(admission.permit, 1_000)).toBe('held');
		expect(await store.inspect(address)).toBeDefined();
		const second = request([policy]);
		if ((await store.admit(second)).status === 'queued') {
			const turn = store.awaitTurn(second, 60_000);
			await store.settle(admission.permit, { kind: 'failure', latencyMs: 1, throttled: true });
			await turn;
			await store.withdraw(second);
		} else await store.settle(admission.permit, SUCCESS);
		await store.override(policy, '', 'open');
		await until(async () => (await store.inspect(address))?.figures.retryAfterMs !== 1);
		await store.admit(request([policy]));
		await store.override(policy, '', 'reset');
	}
}

it('needs no more rights than are documented', async () => {
	await setUser('bulwark', RIGHTS);
	await useAll(openAs('bulwark'));
	const failures = (await command('ACL', 'LOG')) as unknown[];
	expect(failures).toEqual([]);
});

it.each(['-fcall', '-function|load', '-fcall -function|load'])(
	'runs scripts where functions are denied (%s)',
	async (denied) => {
		await setUser('scripts', `${RIGHTS} ${denied}`);
		await useAll(openAs('scripts'));
	},
);

it('needs no right to run scripts where there are functions', async () => {
	await setUser('functions', `${RIGHTS} -eval -evalsha`);
	await useAll(openAs('functions'));
});

it('lets calls that wait ask by themselves where it may not publish or listen', async () => {
	await setUser('silent', `${RIGHTS} resetchannels`);
	const { store, request } = openAs('silent');
	const policy = definePolicy('bulkhead', 'silent', {
		maxConcurrentCalls: 1,
		maxWaitDurationMs: 60_000,
	});
	const first = await store.admit(request([policy]));
	const second = request([policy]);
	expect((await store.admit(second)).status).toBe('queued');
	if (first.status === 'granted') expect(await store.settle(first.permit, SUCCESS)).toBe('held');
	await store.awaitTurn(second, 1);
	expect((await store.admit(second)).status).toBe('granted');
});

it.each([
	['-fcall -function|load -evalsha', 'EVALSHA'],
	['-fcall -function|load -eval', 'EVAL'],
	['-ping -fcall -function|load -eval -evalsha', 'EVALSHA'],
	['resetkeys ~other:*', 'keys'],
	['-set', 'rights'],
])('names the right that a user lacks (%s)', async (denied, named) => {
	await setUser('denied', `${RIGHTS} ${denied}`);
	const failure = await failureOf(openAs('denied').store.check());
	expect(failure.code).toBe('STORE_ACCESS_DENIED');
	expect(failure.message + failure.remedy).toContain(named);
	expect(failure.remedy).toContain('docs/reliability.md');
	expect(secretsIn(shown(failure))).toEqual([]);
});

describe('a password', () => {
	it.each([
		['wrong', { username: 'known', password: `${PASSWORD}-wrong` }],
		['of nobody', { username: 'nobody', password: PASSWORD }],
	])('that is %s is refused in words that do not repeat it', async (_, login) => {
		await setUser('known', RIGHTS);
		const { store, request } = open(login);
		const [policy] = policies;
		const admitted = Promise.resolve(store.admit(request([policy!])));
		for (const work of [store.check(), admitted]) {
			const failure = await failureOf(work);
			expect(failure.code).toBe('STORE_ACCESS_DENIED');
			expect(failure.message).toContain('user name and password');
			expect(secretsIn(shown(failure))).toEqual([]);
		}
	});

	it('that is missing is asked for', async () => {
		await setUser('default', '~* &* +@all', PASSWORD);
		const failure = await failureOf(open().store.check());
		await command('ACL', 'SETUSER', 'default', 'nopass');
		expect(failure.code).toBe('STORE_ACCESS_DENIED');
		expect(failure.message).toContain('asks for a password');
	});

	it('that is repeated by a server which knows no logins is left out', async () => {
		const stranger = createServer((socket) =>
			socket.on('data', (data) => {
				const given = data.toString().split('\r\n');
				const commands = given.filter((line) => /^\*\d+$/.test(line));
				const answer = `-ERR unknown command 'AUTH', with args beginning with: ${given.join(' ')}\r\n`;
				socket.write(answer.repeat(commands.length));
			}),
		).listen(0, '127.0.0.1');
		await once(stranger, 'listening');
		const { port } = stranger.address() as AddressInfo;
		const failure = await failureOf(
			open({ ...standalone(port), password: PASSWORD }).store.check(),
		);
		stranger.close();
		expect(failure.message).toContain('unknown command');
		expect(secretsIn(shown(failure))).toEqual([]);
	});

	it('that is changed while in use is reported once, and works again when it is right', async () => {
		await setUser('changing', RIGHTS);
		const { store } = openAs('changing');
		await store.check();
		const events: StoreEvent[] = [];
		const health = new StoreHealth(
			systemClock,
			() => store.check(),
			(event) => events.push(event),
		);
		await command('ACL', 'DELUSER', 'changing');
		await setUser('changing', RIGHTS, 'another');
		health.noteFailure(await failureOf(store.check()));
		await setUser('changing', RIGHTS);
		await until(() => !health.isDown);
		health.stop();
		expect(events.map(({ type }) => type)).toEqual(['store-lost', 'store-back']);
		expect(inspect(events)).toContain('user name and password');
		expect(secretsIn(inspect(events))).toEqual([]);
	});

	it('is nowhere in what was stored or written', async () => {
		await setUser('stored', RIGHTS);
		await useAll(openAs('stored'));
		const stored = await keysAndValues(admin.connection.client as Redis);
		expect(stored.includes('bulwark:')).toBe(true);
		expect(secretsIn(stored)).toEqual([]);
		expect(secretsIn(written.join('\n'))).toEqual([]);
	});
});

it('keeps to its database and to its prefix', async () => {
	await command('FLUSHALL');
	const policy = definePolicy('rate-limiter', 'apart', { limit: 1, periodMs: 60_000 });
	const granted = async (settings: Partial<RedisSettings>) => {
		const { store, request } = open(settings);
		return (await store.admit(request([policy]))).status;
	};
	expect(await granted({})).toBe('granted');
	expect(await granted({ prefix: 'mine:' })).toBe('granted');
	expect(await granted({ database: 3 })).toBe('granted');
	expect(await granted({ database: 3 })).toBe('rejected');
	const keys = (await command('KEYS', '*')) as string[];
	expect(new Set(keys.map((key) => key.split(':')[0]))).toEqual(new Set(['bulwark', 'mine']));
});

it('says that Redis has no database of that number, and writes into no other one', async () => {
	await admin.connection.client.flushall();
	const opened = open({ database: 99 });
	// It fails each time, and not only while it connects.
	for (let time = 0; time < 2; time++) {
		await expect(opened.connection.ready()).rejects.toMatchObject({
			code: 'STORE_FAILED',
			message: expect.stringContaining('Redis has no database of that number (ERR DB index'),
		});
		await expect(opened.connection.listen()).rejects.toMatchObject({ code: 'STORE_FAILED' });
		const noted = opened.registry.note(definePolicy('circuit-breaker', 'x', {}), {
			...{ id: 'w/n', title: '"Breaker" of workflow "Orders"' },
		});
		await expect(noted).rejects.toMatchObject({ code: 'STORE_FAILED' });
	}
	expect(await admin.connection.client.dbsize()).toBe(0);
	const second = open({ database: 1 });
	await second.ping();
	expect(second.connection.isReady).toBe(true);
});
