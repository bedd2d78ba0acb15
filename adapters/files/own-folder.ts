import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

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
 */
export function ownFolder(parent: string, name: string): OwnFolder {
	for (let number = 1; number <= MOST_OF_ONE_NAME; number++) {
		const folder = path.join(parent, number === 1 ? name : `${name}-${number}`);
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		const lock = new DatabaseSync(path.join(folder, 'lock'), { timeout: 0 });
		try {
			lock.exec('BEGIN EXCLUSIVE');
			return { path: folder, release: () => lock.close() };
		} catch (error) {
			lock.close();
			if (!/locked/.test((error as Error).message)) throw error;
		}
	}
	throw new Error(`${MOST_OF_ONE_NAME} processes already have a folder ${name} in ${parent}`);
}
