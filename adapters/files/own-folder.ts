import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { StateUnwritableError } from './write-whole';

/** A folder that no other process has as long as this one does. */
export interface OwnFolder {
	readonly path: string;
	release(): void;
}

/** More replicas of one name are a mistake. */
const MOST_OF_ONE_NAME = 1_000;

/**
 * The first of `name`, `name-2`, `name-3` and so on that no living process has. It is held by a lock of the system's that
 * SQLite takes, which goes with the process, however it ends.
 * @throws {StateUnwritableError}
 */
export function ownFolder(parent: string, name: string): OwnFolder {
	for (let number = 1; number <= MOST_OF_ONE_NAME; number++) {
		const folder = path.join(parent, number === 1 ? name : `${name}-${number}`);
		try {
			const lock = lockOf(folder);
			if (lock) return { path: folder, release: () => lock.close() };
		} catch (error) {
			throw new StateUnwritableError(folder, error);
		}
	}
	const cause = new Error(`${MOST_OF_ONE_NAME} processes already have one of that name`);
	throw new StateUnwritableError(path.join(parent, name), cause);
}

/** Undefined where another process has it. */
function lockOf(folder: string): DatabaseSync | undefined {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const lock = new DatabaseSync(path.join(folder, 'lock'), { timeout: 0 });
	try {
		lock.exec('BEGIN EXCLUSIVE');
		return lock;
	} catch (error) {
		lock.close();
		if (/locked/.test((error as Error).message)) return undefined;
		throw error;
	}
}
