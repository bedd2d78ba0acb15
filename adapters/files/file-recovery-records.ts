import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import type { Clock, RecoveryRecord, RecoveryRecordPage, RecoveryRecords } from '../../core/ports';
import { StateUnwritableError } from './write-whole';

/** In ms: longer than anyone comes back to an execution. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** How long one replica waits for another's write, in ms. */
const BUSY_MS = 5_000;

/** Attempts to bring executions back, in a file that all replicas on one machine share. */
export class FileRecoveryRecords implements RecoveryRecords {
	private opened: DatabaseSync | undefined;

	constructor(
		private readonly file: string,
		private readonly clock: Clock,
	) {}

	async save(record: RecoveryRecord, seenClaimId: string | undefined): Promise<boolean> {
		const { executionId, attempt, claimId, claimedAt } = record;
		const text = JSON.stringify(record);
		const place = [executionId, attempt] as const;
		return await this.ask((database) => {
			const { changes } =
				seenClaimId === undefined
					? database
							.prepare(
								`INSERT INTO recoveries (execution_id, attempt, claim_id, claimed_at, record)
							VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
							)
							.run(...place, claimId, claimedAt, text)
					: database
							.prepare(
								`UPDATE recoveries SET claim_id = ?, claimed_at = ?, record = ?
							WHERE execution_id = ? AND attempt = ? AND claim_id = ?`,
							)
							.run(claimId, claimedAt, text, ...place, seenClaimId);
			return changes === 1;
		});
	}

	async latest(executionIds: readonly string[]): Promise<ReadonlyMap<string, RecoveryRecord>> {
		return await this.ask((database) => {
			const find = database.prepare(
				'SELECT record FROM recoveries WHERE execution_id = ? ORDER BY attempt DESC LIMIT 1',
			);
			const found = executionIds.flatMap((id): Array<[string, RecoveryRecord]> => {
				const row = find.get(id);
				return row ? [[id, recordOf(row)]] : [];
			});
			return new Map(found);
		});
	}

	async list(limit: number, after?: string): Promise<RecoveryRecordPage> {
		return await this.ask((database) => {
			const [at = Infinity, row = 0] = after?.split(':').map(Number) ?? [];
			const rows = database
				.prepare(
					`SELECT rowid, claimed_at, record FROM recoveries
				WHERE claimed_at < ? OR (claimed_at = ? AND rowid < ?)
				ORDER BY claimed_at DESC, rowid DESC LIMIT ?`,
				)
				.all(at, at, row, limit + 1);
			const page = rows.slice(0, limit);
			const last = page.at(-1);
			const next =
				last && rows.length > limit
					? `${Number(last.claimed_at)}:${Number(last.rowid)}`
					: undefined;
			return { records: page.map(recordOf), next };
		});
	}

	close(): void {
		this.opened?.close();
		this.opened = undefined;
	}

	/** @throws {StateUnwritableError} */
	private async ask<T>(work: (database: DatabaseSync) => T): Promise<T> {
		try {
			return await Promise.resolve(work(this.database));
		} catch (error) {
			throw new StateUnwritableError(`The record of recoveries in ${this.file}`, error);
		}
	}

	private get database(): DatabaseSync {
		return (this.opened ??= this.open());
	}

	private open(): DatabaseSync {
		mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
		const database = new DatabaseSync(this.file, { timeout: BUSY_MS });
		try {
			this.prepare(database);
			return database;
		} catch (error) {
			database.close();
			throw error;
		}
	}

	private prepare(database: DatabaseSync): void {
		database.exec(`CREATE TABLE IF NOT EXISTS recoveries (
			execution_id TEXT NOT NULL,
			attempt INTEGER NOT NULL,
			claim_id TEXT NOT NULL,
			claimed_at INTEGER NOT NULL,
			record TEXT NOT NULL,
			UNIQUE (execution_id, attempt)
		)`);
		database.exec('CREATE INDEX IF NOT EXISTS by_time ON recoveries (claimed_at)');
		database.prepare('DELETE FROM recoveries WHERE claimed_at < ?').run(this.clock.now() - KEPT_MS);
	}
}

const recordOf = (row: Record<string, unknown>): RecoveryRecord =>
	JSON.parse(String(row.record)) as RecoveryRecord;
