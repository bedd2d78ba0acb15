import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { Problem } from '../n8n/index.ts';

/** The servers of the system that a stack needs beside n8n. */
export interface ServerPrograms {
	/** Path of redis-server. */
	redisServer: string;
	/** Folder with initdb and postgres. */
	postgresBin: string;
}

/** Where Debian keeps Postgres, by version; it puts none of it on PATH. */
const DEBIAN_POSTGRES = '/usr/lib/postgresql';
const POSTGRES_PROGRAMS = ['initdb', 'postgres'];

/** Finds them; throws a Problem that says what is missing and how to get it. */
export async function findServerPrograms(env: NodeJS.ProcessEnv): Promise<ServerPrograms> {
	const programs = {
		redisServer:
			named(env, 'BULWARK_REDIS_SERVER', 'a Redis server', existsSync) ??
			foldersOnPath(env)
				.map((folder) => join(folder, 'redis-server'))
				.find(existsSync),
		postgresBin: await findPostgresBin(env),
	};
	const missing = [
		...(programs.redisServer ? [] : ['redis-server']),
		...(programs.postgresBin ? [] : ['Postgres (initdb and postgres)']),
	];
	if (programs.redisServer && programs.postgresBin) return programs as ServerPrograms;
	throw new Problem(
		`The stack needs ${missing.join(' and ')}, not found on PATH.`,
		'On Debian: apt-get install redis-server postgresql. Or name redis-server in BULWARK_REDIS_SERVER, and the folder of initdb and postgres in BULWARK_POSTGRES_BIN.',
	);
}

/** Folder with initdb and postgres, if there is one. */
export async function findPostgresBin(env: NodeJS.ProcessEnv): Promise<string | undefined> {
	const what = 'a folder with initdb and postgres';
	const folder = named(env, 'BULWARK_POSTGRES_BIN', what, hasPostgres);
	return folder ?? [...foldersOnPath(env), ...(await debianFolders())].find(hasPostgres);
}

function named(
	env: NodeJS.ProcessEnv,
	variable: string,
	what: string,
	isIt: (path: string) => boolean,
): string | undefined {
	const path = env[variable];
	if (!path || isIt(path)) return path || undefined;
	throw new Problem(`${variable} is "${path}", which is not ${what}.`, 'Correct it or unset it.');
}

const foldersOnPath = (env: NodeJS.ProcessEnv): string[] =>
	(env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');

const hasPostgres = (folder: string): boolean =>
	POSTGRES_PROGRAMS.every((program) => existsSync(join(folder, program)));

/** Newest version first. */
async function debianFolders(): Promise<string[]> {
	const versions = await readdir(DEBIAN_POSTGRES).catch(() => []);
	return versions
		.sort((a, b) => Number(b) - Number(a))
		.map((version) => join(DEBIAN_POSTGRES, version, 'bin'));
}
