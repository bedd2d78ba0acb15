import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port';
import { redisServer } from './system-program';

/** A real Redis on a free port of 127.0.0.1 that keeps nothing on disk. */
export interface RedisServer {
	readonly port: number;
	readonly process: ChildProcess;
	stop(): Promise<void>;
}

/** @param settings more of redis.conf, name by name, such as a `port` that is known already */
export async function startRedis(settings: Record<string, string> = {}): Promise<RedisServer> {
	const port = Number(settings['tls-port'] ?? settings.port ?? (await freePort()));
	const folder = await mkdtemp(join(tmpdir(), 'bulwark-redis-'));
	const all = {
		bind: '127.0.0.1',
		port: `${port}`,
		dir: folder,
		save: '',
		appendonly: 'no',
		...settings,
	};
	const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
	const server = spawn(await redisServer(), args, { stdio: ['ignore', 'pipe', 'inherit'] });
	let log = '';
	await new Promise<void>((resolve, reject) => {
		server.stdout!.on('data', (text: Buffer) => {
			log += text.toString();
			if (log.includes('Ready to accept connections')) resolve();
		});
		server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${log}`)));
	});
	return {
		port,
		process: server,
		async stop() {
			if (server.exitCode === null && server.signalCode === null) {
				server.kill('SIGKILL');
				await once(server, 'exit');
			}
			await rm(folder, { recursive: true, force: true });
		},
	};
}
