import { z } from 'zod';

import type { Severity } from './severity';

/** A limit for each severity; where critical is less by default, less is worse. @param most that either may be. */
const two = (warning: number, critical: number, meaning: string, most = Infinity) => {
	const isLessWorse = critical < warning;
	const limit = most === Infinity ? z.number().nonnegative() : z.number().min(0).max(most);
	return z
		.strictObject({ warning: limit.default(warning), critical: limit.default(critical) })
		.refine((set) => (isLessWorse ? set.critical < set.warning : set.critical >= set.warning), {
			error: `"critical" would come before "warning": set both, critical ${isLessWorse ? 'below' : 'not below'} warning (defaults ${critical} and ${warning})`,
		})
		.prefault({})
		.describe(meaning);
};

/** Shares are parts of 1, and no per cent; that of one processor may be more where a process uses several. */
const [WHOLE, PROCESSORS] = [1, 10];

/** From which figures on something is called a warning, or critical. */
export const thresholdsSchema = z
	.strictObject({
		cpu: two(0.8, 0.9, "Share of one processor that n8n's process uses.", PROCESSORS),
		memory: two(0.85, 0.95, 'Share of the memory that a process, or Redis, may use.', WHOLE),
		errorRate: two(0.01, 0.05, 'Share of executions, or of webhook answers, that fail.', WHOLE),
		p95Ms: two(200, 1_000, '95th percentile of webhook answers.'),
		cacheHitRatio: two(
			0.7,
			0.5,
			'Share of what the database finds in memory; less is worse.',
			WHOLE,
		),
		queueAgeMs: two(60_000, 300_000, 'How long the job has waited that waits longest.'),
		eventLoopLagMs: two(100, 500, "99th percentile of n8n's event loop lag."),
		databaseConnections: two(0.8, 0.95, 'Share of the connections that Postgres allows.', WHOLE),
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
