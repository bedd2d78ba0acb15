import { PostgresPool, type PostgresSettings } from '../../postgres';
import type { Database, Row, Statement } from './database';

/** n8n's tables in a schema of Postgres. */
export class PostgresDatabase implements Database {
	readonly hasStatusIndex = true;

	readonly isKept = 'e."deletedAt" IS NULL';

	readonly ownTime = this.millis('clock_timestamp()');

	private readonly pool: PostgresPool;

	constructor(
		settings: PostgresSettings,
		readonly schema: string,
		readonly tablePrefix: string,
	) {
		this.pool = new PostgresPool(settings);
	}

	table(name: string): string {
		return `${quoted(this.schema)}.${quoted(this.tablePrefix + name)}`;
	}

	timeValue(timeMs: number): Date {
		return new Date(timeMs);
	}

	millis(column: string): string {
		return `CAST(EXTRACT(EPOCH FROM ${column}) * 1000 AS FLOAT8)`;
	}

	kindsOfNodes(column: string): string {
		return `(SELECT json_agg(json_build_object('type', n->'type', 'disabled', n->'disabled'))
			FROM json_array_elements(CASE json_typeof(${column}) WHEN 'array' THEN ${column} ELSE '[]' END) n
			WHERE json_typeof(n) = 'object')`;
	}

	jsonOf(column: unknown): unknown {
		return column;
	}

	async read({ sql, values }: Statement): Promise<readonly Row[]> {
		return await this.pool.read(sql, values);
	}

	async write({ sql, values }: Statement): Promise<number> {
		return await this.pool.write(sql, values);
	}

	async close(): Promise<void> {
		await this.pool.close();
	}
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
