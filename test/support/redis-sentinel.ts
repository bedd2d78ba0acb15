import { Redis } from 'ioredis';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { RedisAddress } from '../../adapters/redis';
import { freePort } from './free-port';
import { startRedis, type RedisServer } from './redis-server';
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
	stop(): Promise<void>;
}

export async function startRedisSentinel(): Promise<RedisSentinel> {
	const masterName = 'mymaster';
	const master = await startRedis({ 'repl-diskless-sync-delay': '0' });
	const replica = await startRedis({ replicaof: `${HOST} ${master.port}` });
	const sentinels: Sentinel[] = [];
	while (sentinels.length < SENTINELS) sentinels.push(await startSentinel(masterName, master.port));
	const clients = sentinels.map(({ port }) => new Redis(port, HOST));
	// One may not listen yet.
	for (const client of clients) client.on('error', () => undefined);
	for (const client of clients) await until(() => knowsAll(client, masterName));
	for (const client of clients) client.disconnect();
	return {
		masterName,
		master,
		replica,
		sentinels: sentinels.map(({ port }) => ({ host: HOST, port })),
		async stop() {
			await Promise.all([...sentinels, master, replica].map((server) => server.stop()));
		},
	};
}

interface Sentinel {
	readonly port: number;
	stop(): Promise<void>;
}

async function startSentinel(masterName: string, masterPort: number): Promise<Sentinel> {
	const port = await freePort();
	const folder = await mkdtemp(join(tmpdir(), 'bulwark-sentinel-'));
	// A sentinel keeps what it learns in its file.
	const file = join(folder, 'sentinel.conf');
	const settings = [
		`port ${port}`,
		`bind ${HOST}`,
		`dir ${folder}`,
		`sentinel monitor ${masterName} ${HOST} ${masterPort} 2`,
		`sentinel down-after-milliseconds ${masterName} ${DOWN_AFTER_MS}`,
		`sentinel failover-timeout ${masterName} ${2 * DOWN_AFTER_MS}`,
	];
	await writeFile(file, settings.join('\n'));
	const sentinel = spawn(await redisServer(), [file, '--sentinel'], { stdio: 'ignore' });
	return {
		port,
		async stop() {
			if (sentinel.exitCode === null && sentinel.signalCode === null) {
				sentinel.kill('SIGKILL');
				await once(sentinel, 'exit');
			}
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/** Whether a sentinel knows the replica and the other sentinels. */
async function knowsAll(client: Redis, masterName: string): Promise<boolean> {
	const [replicas, others] = (await Promise.all([
		client.call('SENTINEL', 'REPLICAS', masterName),
		client.call('SENTINEL', 'SENTINELS', masterName),
	])) as unknown[][];
	const isUp = JSON.stringify(replicas).includes('"master-link-status","ok"');
	return replicas?.length === 1 && isUp && others?.length === SENTINELS - 1;
}
