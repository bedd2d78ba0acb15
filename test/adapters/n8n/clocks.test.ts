import { openStackSources, type OpenStackSources, type StackSettings } from '../../../adapters/n8n';
import { systemClock } from '../../../adapters/system';
import { clockReadings } from '../../../core/clocks';
import type { Clock } from '../../../core/ports';
import { valueOf, readFrom } from '../../../core/stack';
import { standalone } from '../../support/open-store';
import { plantedSecret } from '../../support/planted-secrets';
import { startPostgresServer, type PostgresServer } from '../../support/postgres-server';
import { usualQueue } from '../../support/queue-mode';
import { adminClient, startRedis, type RedisServer } from '../../support/redis-server';

const PASSWORD = plantedSecret('clocks');
const MINUTE = 60_000;

let redis: RedisServer;
let postgres: PostgresServer;
const opened: OpenStackSources[] = [];

beforeAll(async () => {
	[redis, postgres] = await Promise.all([startRedis(), startPostgresServer(PASSWORD)]);
});

afterEach(async () => {
	for (const { close } of opened.splice(0)) await close();
});

afterAll(async () => {
	await redis?.stop();
	await postgres?.stop();
});

/** This server's clock, so much behind what it should show. */
const behind = (ms: number): Clock => ({ ...systemClock, now: () => systemClock.now() - ms });

function open(clock: Clock, more: Partial<StackSettings> = {}) {
	const { port, user, database } = postgres;
	const sources = openStackSources(
		{
			redis: standalone(redis.port),
			queue: usualQueue,
			database: {
				...{ type: 'postgres', host: '127.0.0.1', port, user, password: PASSWORD, database },
				...{ schema: 'public', tablePrefix: '', ssl: false },
			} as StackSettings['database'],
			n8n: { url: 'http://127.0.0.1:1' },
			workerHealthUrls: [],
			...more,
		},
		clock,
	);
	opened.push(sources);
	return sources.sources;
}

async function clocksOf({ queueMode, database }: ReturnType<typeof open>) {
	return clockReadings({
		instances: valueOf(
			await readFrom('instance registry', queueMode!.registry, (all) => all.instances()),
		),
		redis: await queueMode!.redis.info(),
		database: { clock: await database!.server.clock() },
	});
}

/** Writes an entry as n8n does, that was written some time ago by a clock that is ahead. */
async function register(
	key: string,
	aheadMs: number,
	agoMs: number,
	keptMs = MINUTE,
	beganBeforeMs = MINUTE,
): Promise<void> {
	const client = adminClient(redis.port, {});
	const [seconds, microseconds] = (await client.time()).map(Number) as [number, number];
	const lastSeen = seconds * 1_000 + Math.round(microseconds / 1_000) - agoMs + aheadMs;
	const entry = { instanceKey: key, hostId: key, instanceType: 'main', instanceRole: 'leader' };
	const name = `n8n:{instance:}${key}`;
	await client.set(
		name,
		JSON.stringify({
			...entry,
			version: '2.41.1',
			registeredAt: lastSeen - beganBeforeMs,
			lastSeen,
		}),
		'PX',
		keptMs - agoMs,
	);
	await client.sadd('n8n:{instance:}members', name);
	client.disconnect();
}

it.each([0, 7 * MINUTE, -7 * MINUTE])(
	'reads how far Redis, Postgres and processes of n8n are ahead, being %d ms behind',
	async (ms) => {
		await register('main', 90_000, 0);
		await register('other', -90_000, 25_000);
		const readings = await clocksOf(open(behind(ms)));
		expect(readings.map(({ of, name }) => [of, name]).sort()).toEqual([
			['database', 'the database'],
			['main', 'main'],
			['main', 'other'],
			['redis', `127.0.0.1:${redis.port}`],
		]);
		const wanted = { main: ms + 90_000, other: ms - 90_000 } as Readonly<Record<string, number>>;
		for (const { name, aheadMs, withinMs } of readings) {
			const wrongByMs = Math.abs(aheadMs - (wanted[name] ?? ms));
			// An entry of ours is written a moment after it is dated.
			expect({ name, isTrue: wrongByMs <= withinMs + 300 }).toEqual({ name, isTrue: true });
			expect(withinMs).toBeLessThan(500);
		}
	},
);

it('says nothing of the clock of an entry that is kept for longer, or for ever', async () => {
	await register('main', 0, 0, 2 * MINUTE);
	const { queueMode } = open(systemClock);
	const [entry] = (await queueMode!.registry.instances()).filter(
		({ instanceKey }) => instanceKey === 'main',
	);
	expect(entry!.clock).toBeUndefined();
	expect(entry!.writtenAt).toBeUndefined();
});

it('says nothing of the clock by a first entry, which has waited for its way to Redis', async () => {
	await register('main', 0, 5_000, MINUTE, 500);
	const { queueMode } = open(systemClock);
	const entries = await queueMode!.registry.instances();
	const main = entries.find(({ instanceKey }) => instanceKey === 'main')!;
	expect(main.clock).toBeUndefined();
	expect(Math.abs(Date.now() - 5_000 - main.writtenAt!)).toBeLessThan(1_000);
});

it('still learns all else of a Redis that does not tell its time', async () => {
	const client = adminClient(redis.port, {});
	await client.call('ACL', 'SETUSER', 'few', 'reset', 'on', `>${PASSWORD}`, '~*', '+@all', '-time');
	client.disconnect();
	const settings = { ...standalone(redis.port), username: 'few', password: PASSWORD };
	const [info] = await open(systemClock, { redis: settings }).queueMode!.redis.info();
	expect(info).toMatchObject({ role: 'master', version: expect.stringMatching(/^\d/) });
	expect(info!.clock).toBeUndefined();
});
