import type { Clock } from '../../../core/ports';
import type {
	ClockOffset,
	DatabaseServerView,
	DatabaseStatistics,
} from '../../../core/ports/stack';
import type { Row } from './database';
import type { PostgresDatabase } from './postgres-database';
import { simplestQuestion } from './simplest-question';

/** Of the largest tables so many are shown. */
const MOST_TABLES = 10;

/** What Postgres says of itself, without reading n8n's tables. */
export class PostgresServer implements DatabaseServerView {
	constructor(
		private readonly database: PostgresDatabase,
		private readonly time: Clock,
	) {}

	async statistics(): Promise<DatabaseStatistics> {
		const simplest = await simplestQuestion(this.database, this.time);
		const [[server], tables] = await Promise.all([
			this.database.read({ sql: SERVER, values: [] }),
			this.database.read({ sql: TABLES, values: [this.database.schema, MOST_TABLES] }),
		]);
		return {
			type: 'postgres',
			...simplest,
			...serverOf(server ?? {}),
			tables: tables.map(tableOf),
		};
	}

	async clock(): Promise<ClockOffset | undefined> {
		return (await simplestQuestion(this.database, this.time)).clock;
	}
}

/** Our own connections are no part of what is looked at. */
const SERVER = `
	SELECT
		current_setting('server_version') AS version,
		pg_database_size(current_database()) AS size,
		current_setting('max_connections') AS most,
		pg_is_in_recovery() AS is_replica,
		d.deadlocks, d.blks_hit AS hits, d.blks_hit + d.blks_read AS blocks,
		a.*
	FROM pg_stat_database d, (
		SELECT
			COUNT(*) FILTER (WHERE backend_type = 'client backend') AS used,
			COUNT(*) FILTER (WHERE is_n8n AND state = 'active') AS active,
			COUNT(*) FILTER (WHERE is_n8n AND state = 'idle') AS idle,
			COUNT(*) FILTER (WHERE is_n8n AND state LIKE 'idle in transaction%') AS idle_in_transaction,
			COUNT(*) FILTER (WHERE is_n8n AND wait_event_type = 'Lock') AS waiting,
			EXTRACT(EPOCH FROM MAX(clock_timestamp() - xact_start) FILTER (WHERE is_n8n)) * 1000 AS oldest
		FROM (
			SELECT *, datname = current_database() AND application_name <> 'bulwark'
				AND backend_type = 'client backend' AS is_n8n
			FROM pg_stat_activity
		) activity
	) a
	WHERE d.datname = current_database()`;

/** To ask for the size of a table is to ask the file system of all of its files, so it is asked of few. */
const TABLES = `
	SELECT c.relname AS name, c.reltuples AS believed, pg_stat_get_live_tuples(c.oid) AS counted,
		pg_stat_get_dead_tuples(c.oid) AS dead, pg_total_relation_size(c.oid) AS size
	FROM (
		SELECT c.oid, c.relname, c.reltuples
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = ? AND c.relkind = 'r'
		ORDER BY c.relpages DESC, c.relname LIMIT ?
	) c
	ORDER BY size DESC`;

function serverOf(row: Row): Omit<DatabaseStatistics, 'type' | 'roundTripMs' | 'clock' | 'tables'> {
	const number = (name: string): number => Number(row[name] ?? 0);
	return {
		version: String(row.version),
		sizeBytes: number('size'),
		connections: {
			used: number('used'),
			most: number('most'),
			active: number('active'),
			idle: number('idle'),
			idleInTransaction: number('idle_in_transaction'),
			waiting: number('waiting'),
		},
		isReplica: row.is_replica === true,
		oldestTransactionMs: row.oldest === null ? undefined : number('oldest'),
		deadlocks: number('deadlocks'),
		cacheHitRatio: number('blocks') > 0 ? number('hits') / number('blocks') : undefined,
	};
}

const tableOf = ({ name, believed, counted, size, dead }: Row) => ({
	name: String(name),
	// Before its first ANALYZE the planner has no belief.
	rows: Number(believed) < 0 ? Number(counted) : Number(believed),
	sizeBytes: Number(size),
	deadRows: Number(dead),
});
