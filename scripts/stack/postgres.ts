import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type RunningProcess, type ServerSetup, startServer } from '../cli/index.ts';
import { Problem, runCommand } from '../n8n/index.ts';
import { type PostgresUser } from './postgres-user.ts';

/** Owner of the database, and n8n's name there. */
export const POSTGRES_ROLE = 'n8n';
/** The database that every new cluster has. */
export const POSTGRES_DATABASE = 'postgres';

/** Each n8n process has a pool of a few connections. */
const MAX_CONNECTIONS = 200;

export interface PostgresSetup extends Pick<
	ServerSetup,
	'folder' | 'logFile' | 'onSpawned' | 'signal'
> {
	/** Folder with initdb and postgres. */
	bin: string;
	port: number;
	user: PostgresUser | undefined;
}

/** Makes an empty database cluster in the folder, which is deleted first; `password` is its owner's. */
export async function createCluster(
	{ bin, folder, user, signal }: Pick<PostgresSetup, 'bin' | 'folder' | 'user' | 'signal'>,
	password: string,
): Promise<void> {
	const passwordFile = join(folder, 'password');
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true, mode: 0o700 });
	await writeFile(passwordFile, password, { mode: 0o600 });
	if (user) for (const path of [folder, passwordFile]) await chown(path, user.uid, user.gid);
	try {
		const args = [
			...['-D', dataOf(folder), `--username=${POSTGRES_ROLE}`, `--pwfile=${passwordFile}`],
			...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'],
		];
		const made = await runCommand(join(bin, 'initdb'), args, { cwd: folder, user, signal });
		if (made.code === 0) return;
		throw new Problem(
			`initdb failed with ${made.code}:\n${made.output}`,
			`It made a database in ${folder}${user ? ` as ${user.name}` : ''}.`,
		);
	} finally {
		await rm(passwordFile, { force: true });
	}
}

/** Starts Postgres on loopback on a cluster that `createCluster` made. */
export async function startPostgres(setup: PostgresSetup): Promise<RunningProcess> {
	const { bin, folder, port } = setup;
	const settings = {
		listen_addresses: '127.0.0.1',
		port: `${port}`,
		unix_socket_directories: '',
		max_connections: `${MAX_CONNECTIONS}`,
		// May lose the last moments when the machine fails, but never breaks: a fair price for its speed.
		synchronous_commit: 'off',
	};
	return await startServer({
		...setup,
		name: 'Postgres',
		program: join(bin, 'postgres'),
		args: [
			...['-D', dataOf(folder)],
			...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
		],
		// Ends its connections; SIGTERM would wait for whoever holds one.
		stopSignal: 'SIGINT',
		isReady: async (pid) => await isPostgresReady(folder, pid),
	});
}

/** Whether the Postgres with that process id takes connections: read where pg_ctl looks, too. */
export async function isPostgresReady(folder: string, pid: number): Promise<boolean> {
	const file = join(dataOf(folder), 'postmaster.pid');
	const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
	return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

const dataOf = (folder: string): string => join(folder, 'data');
