import type { ExecutionRates } from '../../../core/ports/stack';
import type { Database } from './database';
import { idValue } from './execution-rows';
import { firstIdSince } from './id-ranges';

/** Durations are those of so many that ended last. */
const MOST_DURATIONS = 1_000;

const ENDS = `'success', 'error', 'crashed', 'canceled'`;

/** How many executions were made and ended since then. */
export async function executionRates(
	database: Database,
	windowMs: number,
	nowMs: number,
): Promise<ExecutionRates> {
	const since = nowMs - windowMs;
	const [[made], [kept], durations] = [
		await database.read(await madeSince(database, since)),
		await database.read(keptSince(database, since)),
		await durationsSince(database, since),
	];
	const sum = (name: string): number => Number(made?.[name] ?? 0) + Number(kept?.[name] ?? 0);
	return {
		windowMs,
		created: Number(made?.created ?? 0),
		finished: sum('finished'),
		failed: sum('failed'),
		crashed: sum('crashed'),
		medianDurationMs: quantile(durations, 0.5),
		p95DurationMs: quantile(durations, 0.95),
	};
}

/** n8n marks executions as deleted at their end where it is told not to keep them. */
const madeSince = async (database: Database, since: number) => ({
	sql: `SELECT
			COUNT(*) AS created,
			SUM(CASE WHEN e."deletedAt" IS NOT NULL THEN 1 ELSE 0 END) AS finished,
			SUM(CASE WHEN e."deletedAt" IS NOT NULL AND e.status = 'error' THEN 1 ELSE 0 END) AS failed,
			SUM(CASE WHEN e."deletedAt" IS NOT NULL AND e.status = 'crashed' THEN 1 ELSE 0 END) AS crashed
		FROM ${database.table('execution_entity')} e WHERE e.id >= ${idValue} AND e."createdAt" >= ?`,
	values: [await firstIdSince(database, since), database.timeValue(since)],
});

const keptSince = (database: Database, since: number) => ({
	sql: `SELECT
			COUNT(*) AS finished,
			SUM(CASE WHEN e.status = 'error' THEN 1 ELSE 0 END) AS failed,
			SUM(CASE WHEN e.status = 'crashed' THEN 1 ELSE 0 END) AS crashed
		FROM ${database.table('execution_entity')} e
		WHERE e."stoppedAt" >= ? AND e.status IN (${ENDS}) AND ${database.isKept}`,
	values: [database.timeValue(since)],
});

async function durationsSince(database: Database, since: number): Promise<readonly number[]> {
	const rows = await database.read({
		sql: `SELECT ${database.millis('e."stoppedAt"')} - ${database.millis('e."startedAt"')} AS duration FROM ${database.table('execution_entity')} e
			WHERE e."stoppedAt" >= ? AND e.status IN (${ENDS}) AND ${database.isKept}
			ORDER BY e."stoppedAt" DESC LIMIT ?`,
		values: [database.timeValue(since), MOST_DURATIONS],
	});
	return rows
		.filter(({ duration }) => duration !== null)
		.map(({ duration }) => Math.max(0, Number(duration)))
		.sort((one, other) => one - other);
}

/** Of sorted values, by the nearest rank. */
const quantile = (sorted: readonly number[], share: number): number | undefined =>
	sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
