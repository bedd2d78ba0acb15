import type { Redis } from 'ioredis';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { RedisAddress } from '../../adapters/redis';
import { freePort } from './free-port';
import { expectNoSecrets, plantedSecret } from './planted-secrets';
import { adminClient, listening, startRedis, type RedisServer } from './redis-server';
import { redisServer } from './system-program';
import { until } from './until';

const HOST = '127.0.0.1';
const SENTINELS = 3;

/** A master that sentinels call dead after this long, in ms. */
const DOWN_AFTER_MS = 500;

/** A real master with a replica, watched by three sentinels, on free ports of 127.0.0.1. */
export interface RedisSentinel {
	readonly masterName: string;
	/** Master at first. */
	readonly master: RedisServer;
	readonly replica: RedisServer;
	readonly sentinels: readonly RedisAddress[];
	/** Of each sentinel, one that may do everything. */
	readonly sentinelClients: readonly Redis[];
	stop(): Promise<void>;
}

/** For sentinels among themselves, and for this test. */
const ADMIN = { name: 'admin', password: plantedSecret('sentinel-admin') };

/**
 * @param settings more of redis.conf for all servers and sentinels, name by name
 * @param users whom alone the sentinels answer, as in `bulwark on >PASSWORD +sentinel`; all without it
 */
export async function startRedisSentinel(
	settings: Record<string, string> = {},
	users?: readonly string[],
): Promise<RedisSentinel> {
	const masterName = 'mymaster';
	const { requirepass, ...ofSentinels } = settings;
	const common = { ...settings, ...(requirepass ? { masterauth: requirepass } : {}) };
	const master = await startRedis({ 'repl-diskless-sync-delay': '0', ...common });
	const replica = await startRedis({ replicaof: `${HOST} ${master.port}`, ...common });
	const sentinels: Sentinel[] = [];
	while (sentinels.length < SENTINELS)
		sentinels.push(await startSentinel(masterName, master.port, settings, users));
	const clients = sentinels.map(({ port }) =>
		users
			? adminClient(port, ofSentinels, ADMIN.name, ADMIN.password)
			: adminClient(port, ofSentinels),
	);
	for (const client of clients) await until(() => knowsAll(client, masterName));
	return {
		masterName,
		master,
		replica,
		sentinels: sentinels.map(({ port }) => ({ host: HOST, port })),
		sentinelClients: clients,
		async stop() {
			for (const client of clients) client.disconnect();
			await Promise.all([...sentinels, master, replica].map((server) => server.stop()));
		},
	};
}

interface Sentinel {
	readonly port: number;
	stop(): Promise<void>;
}

async function startSentinel(
	masterName: string,
	masterPort: number,
	{ requirepass, ...settings }: Record<string, string>,
	users: readonly string[] | undefined,
): Promise<Sentinel> {
	const port = await freePort();
	const folder = await mkdtemp(join(tmpdir(), 'bulwark-sentinel-'));
	// A sentinel keeps what it learns in its file.
	const file = join(folder, 'sentinel.conf');
	const lines = [
		...Object.entries({ ...settings, ...listening(port, settings) }).map((each) => each.join(' ')),
		`bind ${HOST}`,
		`dir ${folder}`,
		`sentinel monitor ${masterName} ${HOST} ${masterPort} 2`,
		`sentinel down-after-milliseconds ${masterName} ${DOWN_AFTER_MS}`,
		`sentinel failover-timeout ${masterName} ${2 * DOWN_AFTER_MS}`,
		...(requirepass ? [`sentinel auth-pass ${masterName} ${requirepass}`] : []),
		...(users ? linesOf(users) : []),
	];
	await writeFile(file, lines.join('\n'));
	const sentinel = spawn(await redisServer(), [file, '--sentinel'], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let log = '';
	for (const stream of [sentinel.stdout, sentinel.stderr])
		stream.setEncoding('utf8').on('data', (text: string) => (log += text));
	return {
		port,
		async stop() {
			if (sentinel.exitCode === null && sentinel.signalCode === null) {
				sentinel.kill('SIGKILL');
				await once(sentinel, 'exit');
			}
			await rm(folder, { recursive: true, force: true });
			expectNoSecrets('the log of a sentinel', log);
		},
	};
}

const linesOf = (users: readonly string[]): string[] => [
	'user default off',
	`user ${ADMIN.name} on >${ADMIN.password} &* +@all`,
	...users.map((user) => `user ${user}`),
	`sentinel sentinel-user ${ADMIN.name}`,
	`sentinel sentinel-pass ${ADMIN.password}`,
];

/** Whether a sentinel knows the replica and the other sentinels. */
async function knowsAll(client: Redis, masterName: string): Promise<boolean> {
	const [replicas, others] = (await Promise.all([
		client.call('SENTINEL', 'REPLICAS', masterName),
		client.call('SENTINEL', 'SENTINELS', masterName),
	])) as unknown[][];
	const isUp = JSON.stringify(replicas).includes('"master-link-status","ok"');
	return replicas?.length === 1 && isUp && others?.length === SENTINELS - 1;
}
