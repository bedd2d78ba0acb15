import { Redis } from 'ioredis';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port';
import { expectNoSecrets, keysAndValues } from './planted-secrets';
import { redisServer } from './system-program';

/** A real Redis on a free port of 127.0.0.1 that keeps nothing on disk. */
export interface RedisServer {
	readonly port: number;
	readonly process: ChildProcess;
	/** Ends it at once. Fails when it has written a planted secret. */
	stop(): Promise<void>;
}

/**
 * @param settings more of redis.conf, name by name, such as a `port` that is known already; with a `tls-cert-file` that
 *   port is an encrypted one
 */
export async function startRedis(settings: Record<string, string> = {}): Promise<RedisServer> {
	const port = Number(settings.port ?? (await freePort()));
	const folder = await mkdtemp(join(tmpdir(), 'bulwark-redis-'));
	const all = {
		bind: '127.0.0.1',
		dir: folder,
		save: '',
		appendonly: 'no',
		...settings,
		...listening(port, settings),
	};
	const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
	const server = spawn(await redisServer(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
	let log = '';
	await new Promise<void>((resolve, reject) => {
		const read = (text: string): void => {
			log += text;
			if (log.includes('Ready to accept connections')) resolve();
		};
		for (const stream of [server.stdout, server.stderr])
			stream.setEncoding('utf8').on('data', read);
		server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${log}`)));
	});
	return {
		port,
		process: server,
		async stop() {
			const isRunning = server.exitCode === null && server.signalCode === null;
			try {
				if (isRunning) expectNoSecrets('Redis', await dataOf(port, settings));
			} finally {
				if (isRunning) {
					server.kill('SIGKILL');
					await once(server, 'exit');
				}
				await rm(folder, { recursive: true, force: true });
			}
			expectNoSecrets('the log of Redis', log);
		},
	};
}

/** Lets a server listen at that port, encrypted where it has a certificate. */
export const listening = (port: number, settings: Record<string, string>) =>
	'tls-cert-file' in settings
		? { port: '0', 'tls-port': `${port}` }
		: { port: `${port}`, 'tls-port': '0' };

/** A client of one server that may do everything. */
export function adminClient(
	port: number,
	settings: Record<string, string>,
	username?: string,
	password = settings.requirepass,
): Redis {
	const ca = settings['tls-ca-cert-file'];
	const client = new Redis({
		...{ port, host: '127.0.0.1' },
		// It would wait that long for the end of a connection that the server has ended before.
		disconnectTimeout: 0,
		...(username === undefined ? {} : { username }),
		...(password === undefined ? {} : { password }),
		...(ca === undefined ? {} : { tls: { ca: readFileSync(ca) } }),
	});
	client.on('error', () => undefined);
	return client;
}

/** What it has stored, where it has a password that might be among it. */
async function dataOf(port: number, settings: Record<string, string>): Promise<Buffer> {
	if (settings.requirepass === undefined) return Buffer.alloc(0);
	const client = adminClient(port, settings);
	const data = await keysAndValues(client);
	client.disconnect();
	return data;
}
