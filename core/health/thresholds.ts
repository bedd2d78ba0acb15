import { z } from 'zod';

import type { Severity } from './severity';

const two = (warning: number, critical: number, meaning: string) =>
	z
		.strictObject({
			warning: z.number().nonnegative().default(warning),
			critical: z.number().nonnegative().default(critical),
		})
		.prefault({})
		.describe(meaning);

/** From which figures on something is called a warning, or critical. */
export const thresholdsSchema = z
	.strictObject({
		cpu: two(0.8, 0.9, "Share of one processor that n8n's process uses."),
		memory: two(0.85, 0.95, 'Share of the memory that a process, or Redis, may use.'),
		errorRate: two(0.01, 0.05, 'Share of executions, or of webhook answers, that fail.'),
		p95Ms: two(200, 1_000, '95th percentile of webhook answers.'),
		cacheHitRatio: two(0.7, 0.5, 'Share of what the database finds in memory; less is worse.'),
		queueAgeMs: two(60_000, 300_000, 'How long the job has waited that waits longest.'),
		eventLoopLagMs: two(100, 500, "99th percentile of n8n's event loop lag."),
		databaseConnections: two(0.8, 0.95, 'Share of the connections that Postgres allows.'),
		databaseTransactionMs: two(60_000, 600_000, 'How long the oldest transaction is open.'),
		databaseRoundTripMs: two(100, 1_000, 'How long the simplest question to the database takes.'),
		redisRoundTripMs: two(50, 500, 'The same of Redis.'),
		clockOffsetMs: two(2_000, 60_000, "How far another clock is from this server's."),
	})
	.prefault({});

export type Thresholds = z.output<typeof thresholdsSchema>;

/** @returns undefined below both; where critical is less than warning, less is worse. */
export function severityOf(
	value: number,
	{ warning, critical }: Thresholds[keyof Thresholds],
): Exclude<Severity, 'info'> | undefined {
	const isWorse = (limit: number) => (critical < warning ? value < limit : value >= limit);
	return isWorse(critical) ? 'critical' : isWorse(warning) ? 'warning' : undefined;
}
