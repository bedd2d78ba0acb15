import type { N8nDatabase } from '../test/support/n8n-database/n8n-database';

const WORKFLOWS = 200;

/**
 * Fills n8n's tables as those of a busy n8n, one execution a second until now: nearly all succeeded, one in 700 is not at
 * its end.
 */
export async function addExecutions(
	{ run, table, settings }: N8nDatabase,
	count: number,
): Promise<void> {
	const isSqlite = settings.type === 'sqlite';
	const time = (seconds: string) =>
		isSqlite
			? `STRFTIME('%Y-%m-%d %H:%M:%f', UNIXEPOCH() - ${count} + ${seconds}, 'unixepoch')`
			: `NOW() - INTERVAL '1 s' * (${count} - (${seconds}))`;
	await run(`INSERT INTO ${table('workflow_entity')} (id, name, active, nodes, connections, "versionId")
		${numbersTo(WORKFLOWS)} SELECT 'w' || n, 'w' || n, true, '[]', '{}', 'v' || n FROM numbers
		WHERE true ON CONFLICT DO NOTHING`);
	await run(`INSERT INTO ${table('execution_entity')}
		("workflowId", finished, mode, status, "createdAt", "startedAt", "stoppedAt")
		${numbersTo(count)}, executions AS (
			SELECT n, CASE WHEN n % 1000 = 0 THEN 'waiting' WHEN n % 5000 = 1 THEN 'running'
				WHEN n % 5000 = 2 THEN 'new' WHEN n % 20 = 3 THEN 'error' ELSE 'success' END AS status
			FROM numbers
		)
		SELECT 'w' || (1 + n % ${WORKFLOWS}), status = 'success', 'webhook', status, ${time('n')},
			CASE WHEN status <> 'new' THEN ${time('n + 0.05')} END,
			CASE WHEN status NOT IN ('new', 'running') THEN ${time('n + 1 + n % 10')} END
		FROM executions`);
	await run('ANALYZE');
}

const numbersTo = (most: number): string =>
	`WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${most})`;
