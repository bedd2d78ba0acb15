import type { StackObservation } from '../stack-monitor';
import { severityOf, type Thresholds } from '../thresholds';
import type { Finding } from './finding';
import { count, duration, percent } from './words';

/** What is wrong with n8n's database. */
export function databaseFindings(
	{ look: { database } }: StackObservation,
	thresholds: Thresholds,
): readonly Finding[] {
	if (!database.isKnown) return [];
	const { connections, oldestTransactionMs, cacheHitRatio, roundTripMs, type, isReplica } =
		database.value;
	const found: Finding[] = [];
	const add = (
		id: string,
		severity: Finding['severity'] | undefined,
		summary: string,
		says: string,
		remedy: string,
		playbook?: Finding['playbook'],
	) => {
		if (severity)
			found.push({
				...{ id, severity, component: 'database', summary, remedy },
				...(playbook && { playbook }),
				evidence: [{ source: 'database', says }],
			});
	};
	add(
		'database-is-replica',
		isReplica ? 'critical' : undefined,
		'The database that is asked is a replica: what it shows of executions may be old, so that some are called lost that are not, and nothing can be repaired',
		'pg_is_in_recovery is true',
		'Give the address of the server to which n8n itself writes',
	);
	if (connections) {
		const { used, most, waiting, idleInTransaction } = connections;
		add(
			'database-connections',
			severityOf(used / most, thresholds.databaseConnections),
			`Postgres has ${percent(used / most)} of the connections that it allows`,
			`${used} of ${most}; of n8n's user ${connections.active} active, ${connections.idle} idle, ${idleInTransaction} idle in a transaction`,
			'Lower DB_POSTGRESDB_POOL_SIZE or the number of processes, or raise max_connections, or put a pooler in front',
			'postgres-pool-exhausted',
		);
		add(
			'database-locks',
			waiting > 0 ? 'warning' : undefined,
			`${count(waiting, "of n8n's connections waits", "of n8n's connections wait")} for a lock in Postgres`,
			`${waiting} wait for a lock`,
			'See who holds it (pg_locks, pg_stat_activity)',
			'postgres-pool-exhausted',
		);
	}
	if (oldestTransactionMs !== undefined)
		add(
			'database-transaction',
			severityOf(oldestTransactionMs, thresholds.databaseTransactionMs),
			`A transaction in Postgres has been open for ${duration(oldestTransactionMs)}: tables grow meanwhile`,
			`oldest transaction ${oldestTransactionMs} ms`,
			'End it, and set idle_in_transaction_session_timeout',
			'postgres-pool-exhausted',
		);
	if (cacheHitRatio !== undefined)
		add(
			'database-cache',
			severityOf(cacheHitRatio, thresholds.cacheHitRatio),
			`Postgres finds only ${percent(cacheHitRatio)} of what it reads in memory`,
			`cache hit ratio ${cacheHitRatio}`,
			'Raise shared_buffers, or prune executions (EXECUTIONS_DATA_MAX_AGE)',
		);
	add(
		'database-slow',
		severityOf(roundTripMs, thresholds.databaseRoundTripMs),
		`The database took ${duration(roundTripMs)} to answer the simplest question`,
		`${type}, round trip of ${Math.round(roundTripMs)} ms`,
		'See its load, its disk, and the network between',
		'postgres-pool-exhausted',
	);
	return found;
}
