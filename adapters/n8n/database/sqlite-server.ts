import { stat } from 'node:fs/promises';

import type { Clock } from '../../../core/ports';
import type { DatabaseServerView, DatabaseStatistics } from '../../../core/ports/stack';
import { simplestQuestion } from './simplest-question';
import type { SqliteDatabase } from './sqlite-database';

/** What can be said of a SQLite file without reading it through. */
export class SqliteServer implements DatabaseServerView {
	constructor(
		private readonly database: SqliteDatabase,
		private readonly time: Clock,
	) {}

	async statistics(): Promise<DatabaseStatistics> {
		const { database } = this;
		const simplest = await simplestQuestion(database, this.time);
		const [row] = await database.read({
			sql: `SELECT sqlite_version() AS version,
				(SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size()) AS size,
				(SELECT MAX(id) FROM ${database.table('execution_entity')}) AS last,
				(SELECT MIN(id) FROM ${database.table('execution_entity')}) AS first,
				(SELECT COUNT(*) FROM ${database.table('workflow_entity')}) AS workflows`,
			values: [],
		});
		const executions = row?.last === null ? 0 : Number(row?.last) - Number(row?.first) + 1;
		return {
			type: 'sqlite',
			version: String(row?.version),
			sizeBytes: Number(row?.size),
			...simplest,
			tables: [
				// At most: some in between may be deleted.
				{ name: `${database.tablePrefix}execution_entity`, rows: executions },
				{ name: `${database.tablePrefix}workflow_entity`, rows: Number(row?.workflows) },
			],
			writeAheadLogBytes: await sizeOf(`${database.path}-wal`),
		};
	}

	clock(): Promise<undefined> {
		return Promise.resolve(undefined);
	}
}

/** It is not there while nobody has the database open. */
const sizeOf = async (file: string): Promise<number> =>
	await stat(file).then(
		({ size }) => size,
		() => 0,
	);
