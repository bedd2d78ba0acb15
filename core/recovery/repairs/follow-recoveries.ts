import type { RecoveryRecord, RecoveryRecords } from '../../ports';
import type { ExecutionRow, ExecutionStatus } from '../../ports/stack';
import { readFrom, type StackSources } from '../../stack';

/** A worker that begins where one has died marks as crashed what that one ran, though it may run elsewhere by then. */
const isOver = (endedAs: RecoveryRecord['endedAs']): boolean =>
	endedAs !== undefined && endedAs !== 'crashed';

const ENDED: ReadonlySet<ExecutionStatus> = new Set(['success', 'error', 'crashed', 'canceled']);

/** Notes of what was brought back how it ended, as far as that is known by now. @returns the records as they are then. */
export async function followRecoveries(
	records: RecoveryRecords,
	{ database }: StackSources,
	followed: readonly RecoveryRecord[],
): Promise<readonly RecoveryRecord[]> {
	const open = followed.filter(
		({ step, endedAs }) => (step === 'enqueued' || step === 'retried') && !isOver(endedAs),
	);
	if (open.length === 0) return followed;
	const ids = open.map(runBy);
	const found = await readFrom('database', database?.executions, (view) => view.find(ids));
	if (!found.isKnown) return followed;
	const rows = new Map(found.value.map((row) => [row.id, row]));
	const now = new Map<RecoveryRecord, RecoveryRecord>();
	for (const record of open) {
		const row = rows.get(runBy(record));
		if (!row || !hasEnded(row) || row.status === record.endedAs) continue;
		const ended = { ...record, endedAs: row.status, endedAt: row.stoppedAt };
		if (await records.save(ended, record.claimId)) now.set(record, ended);
	}
	return followed.map((record) => now.get(record) ?? record);
}

/** The execution by which its work is done now. */
const runBy = ({ executionId, retriedAs }: RecoveryRecord): string => retriedAs ?? executionId;

const hasEnded = ({ status }: ExecutionRow): boolean => ENDED.has(status);
