import { Pool, type PoolClient } from 'pg';

import { explain } from './explain';
import type { PostgresSettings } from './postgres-settings';

/** Of the server: no statement of ours takes longer, in ms. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** How long a write waits for the row that another one changes, in ms. */
const LOCK_TIMEOUT_MS = 2_000;
/** A connection that does not answer by then is given up, in ms: the server has long ended the statement. */
const ANSWER_TIMEOUT_MS = 8_000;
const CONNECT_TIMEOUT_MS = 3_000;
const IDLE_TIMEOUT_MS = 30_000;
/** n8n needs its connections more than we do. */
const MOST_CONNECTIONS = 3;

/** What every connection begins with, so that nothing changes data by mistake nor holds a lock for long. */
const SESSION = {
	default_transaction_read_only: 'on',
	statement_timeout: `${STATEMENT_TIMEOUT_MS}`,
	lock_timeout: `${LOCK_TIMEOUT_MS}`,
	idle_in_transaction_session_timeout: `${STATEMENT_TIMEOUT_MS}`,
	// Of statements as short as ours it takes many times as long as they do.
	jit: 'off',
};

/** A few connections to a Postgres, made when they are needed, on which only `write` can change anything. */
export class PostgresPool {
	private readonly pool: Pool;

	constructor(settings: PostgresSettings) {
		const { tls, ...address } = settings;
		this.pool = new Pool({
			...address,
			ssl: tls && { ca: tls.ca, cert: tls.cert, key: tls.key, rejectUnauthorized: tls.isVerified },
			application_name: 'bulwark',
			options: Object.entries(SESSION)
				.map(([name, value]) => `-c ${name}=${value}`)
				.join(' '),
			max: MOST_CONNECTIONS,
			connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
			idleTimeoutMillis: IDLE_TIMEOUT_MS,
			query_timeout: ANSWER_TIMEOUT_MS,
			keepAlive: true,
			allowExitOnIdle: true,
		});
		// An idle connection that breaks is replaced when the next one is needed.
		this.pool.on('error', () => undefined);
	}

	/** @param sql with a `?` where each of the values goes. */
	async read(sql: string, values: readonly unknown[]): Promise<Array<Record<string, unknown>>> {
		return await this.withClient(async (client) => {
			const result = await client.query<Record<string, unknown>>(numbered(sql), [...values]);
			const { rows } = result;
			// As long as pg's result holds them they outlive the young generation: a scan then takes three times the memory.
			result.rows = [];
			return rows;
		});
	}

	/** Runs one statement in a transaction of its own. @returns how many rows it changed. */
	async write(sql: string, values: readonly unknown[]): Promise<number> {
		return await this.withClient(async (client) => {
			await client.query('BEGIN READ WRITE');
			const { rowCount } = await client.query(numbered(sql), [...values]);
			await client.query('COMMIT');
			return rowCount ?? 0;
		});
	}

	async close(): Promise<void> {
		await this.pool.end();
	}

	private async withClient<T>(use: (client: PoolClient) => Promise<T>): Promise<T> {
		let client: PoolClient | undefined;
		try {
			client = await this.pool.connect();
			const result = await use(client);
			client.release();
			return result;
		} catch (error) {
			// It may be in a transaction still.
			client?.release(true);
			throw explain(error);
		}
	}
}

function numbered(sql: string): string {
	let count = 0;
	return sql.replaceAll('?', () => `$${(count += 1)}`);
}
