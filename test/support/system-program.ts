import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { findPostgresBin } from '../../scripts/stack/index.ts';

const run = promisify(execFile);

interface SystemProgram {
	/** Names it goes by on PATH, best first. */
	names: string[];
	/** Environment variable that may name its path instead. */
	variable: string;
	/** How to find it where PATH and the variable do not lead to it. */
	find?: () => Promise<string | undefined>;
	/** Debian package to install it from. */
	aptPackage: string;
}

/** Path of a Chromium that playwright-core can drive. */
export const chromium = () =>
	findOrInstall({
		names: ['chromium', 'chromium-browser', 'google-chrome'],
		variable: 'BULWARK_CHROMIUM',
		aptPackage: 'chromium',
	});

/** Path of a Redis server. */
export const redisServer = () =>
	findOrInstall({
		names: ['redis-server'],
		variable: 'BULWARK_REDIS_SERVER',
		aptPackage: 'redis-server',
	});

/** Folder of Postgres' initdb and postgres. */
export const postgres = () =>
	findOrInstall({
		names: ['postgres'],
		variable: 'BULWARK_POSTGRES_BIN',
		find: async () => await findPostgresBin(process.env),
		aptPackage: 'postgresql',
	});

/** Path of a program that makes certificates. */
export const openssl = () =>
	findOrInstall({
		names: ['openssl'],
		variable: 'BULWARK_OPENSSL',
		aptPackage: 'openssl',
	});

/** Path of the program, which apt installs where it is missing and that is allowed. */
async function findOrInstall(program: SystemProgram): Promise<string> {
	const { names, variable, aptPackage, find = async () => await onPath(names) } = program;
	const path = process.env[variable] ?? (await find());
	if (path) return path;

	let reason = `apt installed ${aptPackage}, but PATH still has no ${names.join(' or ')}`;
	try {
		await aptInstall(aptPackage);
	} catch (error) {
		reason = `apt could not install it: ${(error as Error).message}`;
	}
	const installed = await find();
	if (installed) return installed;
	throw new Error(
		`This test needs ${names[0]}. Install it (on Debian: apt-get install ${aptPackage}) ` +
			`or name its path in ${variable}. ${reason}`,
	);
}

async function onPath(names: string[]): Promise<string | undefined> {
	const folders = (process.env.PATH ?? '').split(delimiter);
	for (const path of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
		try {
			await access(path, constants.X_OK);
			return path;
		} catch {
			// Not this one.
		}
	}
	return undefined;
}

async function aptInstall(aptPackage: string): Promise<void> {
	const aptGet = async (...args: string[]) => {
		const command = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', '-qq', '-y', ...args];
		// `sudo -n` fails at once where it would have to ask for a password.
		const [program = '', ...rest] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command];
		await run(program, rest, {
			// At run level 1 no server that is installed is started.
			env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
			maxBuffer: 64 * 1024 * 1024,
		});
	};
	await aptGet('update');
	await aptGet('install', '--no-install-recommends', aptPackage);
}
