import { isoTime } from '../../../core/iso-time';
import { SqliteFile } from '../../sqlite';
import type { Database, Row, Statement } from './database';

/** n8n's tables in a file of SQLite. */
export class SqliteDatabase implements Database {
	/** n8n's migrations lose it when they make the table of executions anew. */
	readonly hasStatusIndex = false;

	/** Without the plus it would look for them by an index in which nearly all rows are the same. */
	readonly isKept = '+e."deletedAt" IS NULL';

	readonly ownTime = undefined;

	private readonly file: SqliteFile;

	constructor(
		readonly path: string,
		readonly tablePrefix: string,
	) {
		this.file = new SqliteFile(path);
	}

	table(name: string): string {
		return `"${this.tablePrefix}${name}"`;
	}

	/** n8n stores times as text, in UTC. */
	timeValue(timeMs: number): string {
		return isoTime(timeMs).replace('T', ' ').replace('Z', '');
	}

	millis(column: string): string {
		return `CAST(ROUND(UNIXEPOCH(${column}, 'subsec') * 1000) AS INTEGER)`;
	}

	kindsOfNodes(column: string): string {
		return `(SELECT json_group_array(json_object(
				'type', json_extract(n.value, '$.type'),
				'disabled', json(IIF(json_extract(n.value, '$.disabled') = 1, 'true', 'false'))))
			FROM json_each(${column}) n WHERE n.type = 'object')`;
	}

	jsonOf(column: unknown): unknown {
		return typeof column === 'string' ? (JSON.parse(column) as unknown) : column;
	}

	async read({ sql, values }: Statement): Promise<readonly Row[]> {
		return await this.file.read(sql, values);
	}

	async write({ sql, values }: Statement): Promise<number> {
		return await this.file.write(sql, values);
	}

	async close(): Promise<void> {
		await this.file.close();
	}
}
