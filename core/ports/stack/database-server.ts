import type { ClockOffset } from './clock-offset';

/** What n8n's database says of itself. */
export interface DatabaseStatistics {
	readonly type: 'postgres' | 'sqlite';
	readonly version: string;
	readonly sizeBytes: number;
	/** How long the simplest question took, in ms. */
	readonly roundTripMs: number;
	/** Undefined where the database is a file, and has no clock of its own. */
	readonly clock?: ClockOffset;
	/** Of Postgres. */
	readonly connections?: {
		readonly used: number;
		readonly most: number;
		/** Of n8n's own user, by what they are at. */
		readonly active: number;
		readonly idle: number;
		readonly idleInTransaction: number;
		/** That wait for a lock. */
		readonly waiting: number;
	};
	/** Whether it repeats what another server is told, and may lag behind it. */
	readonly isReplica?: boolean;
	/** How long the oldest open transaction lasts, in ms. */
	readonly oldestTransactionMs?: number;
	readonly deadlocks?: number;
	/** Share of blocks found in memory, 0 to 1. */
	readonly cacheHitRatio?: number;
	readonly tables: ReadonlyArray<{
		readonly name: string;
		/** As the planner believes, without counting. */
		readonly rows: number;
		readonly sizeBytes?: number;
		readonly deadRows?: number;
	}>;
	/** Of SQLite: what was written and is not in the file yet. */
	readonly writeAheadLogBytes?: number;
}

export interface DatabaseServerView {
	statistics(): Promise<DatabaseStatistics>;
	/** By the simplest question alone; undefined as there. */
	clock(): Promise<ClockOffset | undefined>;
}
