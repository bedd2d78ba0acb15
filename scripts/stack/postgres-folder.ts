import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { StateFolder } from '../cli/index.ts';
import { Problem } from '../n8n/index.ts';
import type { PostgresUser } from './postgres-user.ts';

const FILE = 'postgres.json';
/** Kept over a restart of the machine, and open to every account. */
const SHARED_FOLDER = '/var/tmp';

/** Where Postgres keeps its data, once that is made; undefined while nothing is. */
export async function knownPostgresFolder(state: StateFolder): Promise<string | undefined> {
	const known = await state.read<{ folder: string }>(FILE);
	if (!known || existsSync(known.folder)) return known?.folder;
	throw new Problem(
		`${known.folder}, where the database was, is gone.`,
		`\`${state.kind.command} -- --reset\` starts afresh.`,
	);
}

/** A new place for it: in the state folder, unless another account must reach it. */
export async function newPostgresFolder(
	state: StateFolder,
	user: PostgresUser | undefined,
): Promise<string> {
	return user ? await mkdtemp(join(SHARED_FOLDER, 'bulwark-postgres-')) : state.file('postgres');
}

/** Notes the place; only now is it one to start from. */
export async function keepPostgresFolder(state: StateFolder, folder: string): Promise<void> {
	await state.write(FILE, { folder });
}

/** Deletes Postgres' data, wherever it lies. */
export async function deletePostgresFolder(state: StateFolder): Promise<void> {
	const known = await state.read<{ folder: string }>(FILE);
	if (known) await rm(known.folder, { recursive: true, force: true });
	await rm(state.file(FILE), { force: true });
}
