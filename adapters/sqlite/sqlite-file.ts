import { statSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { explain } from './explain';

/** How long a lock of another process is waited for, in ms; this process does nothing else meanwhile. */
const BUSY_TIMEOUT_MS = 250;
/** How often a write that found the file locked tries again, so that others get their turn in between. */
const WRITE_ATTEMPTS = 8;
const SQLITE_BUSY = 5;

interface Reader {
	readonly connection: DatabaseSync;
	/** Which file it has open. */
	readonly inode: bigint;
}

/** A SQLite file that another process writes. Reads hold no lock that keeps writers waiting: it is in WAL mode. */
export class SqliteFile {
	private reader: Reader | undefined;

	constructor(readonly path: string) {}

	/** Each statement in a turn of the event loop of its own: nothing else runs while SQLite does. */
	async read(sql: string, values: readonly unknown[]): Promise<Array<Record<string, unknown>>> {
		await nextTurn();
		try {
			const { connection } = await this.openReader();
			return connection.prepare(sql).all(...(values as SQLInputValue[]));
		} catch (error) {
			this.closeReader();
			throw explain(error, this.path);
		}
	}

	/** Runs one statement on a connection of its own. @returns how many rows it changed. */
	async write(sql: string, values: readonly unknown[]): Promise<number> {
		for (let attempt = 1; ; attempt += 1) {
			await nextTurn();
			try {
				return await this.writeOnce(sql, values);
			} catch (error) {
				const isBusy = (error as { errcode?: number }).errcode === SQLITE_BUSY;
				if (!isBusy || attempt === WRITE_ATTEMPTS) throw explain(error, this.path);
			}
		}
	}

	close(): Promise<void> {
		this.closeReader();
		return Promise.resolve();
	}

	/** Throws where the file is not there: SQLite would make it. */
	private inode(): bigint {
		return statSync(this.path, { bigint: true }).ino;
	}

	private async openReader(): Promise<Reader> {
		const inode = this.inode();
		// A backup that was put in its place is another file.
		if (this.reader && this.reader.inode !== inode) this.closeReader();
		this.reader ??= { connection: await open(this.path, { readOnly: true }), inode };
		return this.reader;
	}

	private closeReader(): void {
		const { reader } = this;
		this.reader = undefined;
		reader?.connection.close();
	}

	private async writeOnce(sql: string, values: readonly unknown[]): Promise<number> {
		this.inode();
		const connection = await open(this.path, { readOnly: false });
		try {
			return Number(connection.prepare(sql).run(...(values as SQLInputValue[])).changes);
		} finally {
			connection.close();
		}
	}
}

/** Loads SQLite only where it is used. */
async function open(path: string, { readOnly }: { readOnly: boolean }): Promise<DatabaseSync> {
	const { DatabaseSync } = await import('node:sqlite');
	return new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS });
}
