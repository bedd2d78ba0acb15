import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
	createCluster,
	POSTGRES_DATABASE,
	POSTGRES_ROLE,
	postgresUser,
	startPostgres,
} from '../../scripts/stack/index.ts';
import { freePort } from './free-port';
import { postgres } from './system-program';

/** A real Postgres on a free port of 127.0.0.1. */
export interface PostgresServer {
	readonly port: number;
	readonly user: string;
	readonly database: string;
	/** Where it writes its log. */
	readonly logFile: string;
	/** Stores a file where only the server can read it. @returns its path */
	give(name: string, text: string): Promise<string>;
	/** Ends it at once, and whoever is connected; its data stay. */
	pause(): Promise<void>;
	/** Starts it again where it was. */
	resume(): Promise<void>;
	/** Ends it and deletes its data. */
	stop(): Promise<void>;
}

/** @param password of its one user */
export async function startPostgresServer(password: string): Promise<PostgresServer> {
	const [bin, user, port] = [await postgres(), await postgresUser(process.env), await freePort()];
	const folder = await mkdtemp(join(user ? '/var/tmp' : tmpdir(), 'bulwark-postgres-'));
	const { signal } = new AbortController();
	await createCluster({ bin, folder, user, signal }, password);
	const logFile = join(folder, 'log');
	const start = async () =>
		await startPostgres({
			...{ bin, folder, port, user, logFile, signal },
			onSpawned: () => Promise.resolve(),
		});
	let running = await start();
	return {
		port,
		user: POSTGRES_ROLE,
		database: POSTGRES_DATABASE,
		logFile,
		give: async (name, text) => {
			const file = join(folder, name);
			await writeFile(file, text, { mode: 0o600 });
			if (user) await chown(file, user.uid, user.gid);
			return file;
		},
		pause: async () => await running.stop(),
		resume: async () => {
			running = await start();
		},
		stop: async () => {
			await running.stop();
			await rm(folder, { recursive: true, force: true, maxRetries: 3 });
		},
	};
}
