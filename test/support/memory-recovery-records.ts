import type { RecoveryRecord, RecoveryRecordPage, RecoveryRecords } from '../../core/ports';

/** Records that several crews of one process share. */
export class MemoryRecoveryRecords implements RecoveryRecords {
	readonly kept = new Map<string, RecoveryRecord>();

	async save(record: RecoveryRecord, seenClaimId: string | undefined): Promise<boolean> {
		await Promise.resolve();
		const key = `${record.executionId}:${record.attempt}`;
		if (this.kept.get(key)?.claimId !== seenClaimId) return false;
		this.kept.set(key, record);
		return true;
	}

	async latest(executionIds: readonly string[]): Promise<ReadonlyMap<string, RecoveryRecord>> {
		await Promise.resolve();
		if (executionIds.length > 1_000) throw new Error(`${executionIds.length} ids, of 1,000`);
		const records = [...this.kept.values()].sort((a, b) => a.attempt - b.attempt);
		const wanted = records.filter(({ executionId }) => executionIds.includes(executionId));
		return new Map(wanted.map((record) => [record.executionId, record]));
	}

	async list(limit: number): Promise<RecoveryRecordPage> {
		await Promise.resolve();
		return { records: [...this.kept.values()].reverse().slice(0, limit), next: undefined };
	}
}
