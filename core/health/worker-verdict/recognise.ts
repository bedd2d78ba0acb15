import type { WorkerStatus } from '../../ports/stack';
import { mayBeOfOne, startsApart, type AnswerMarks } from './may-be-of-one';
import type { WorkerRecord } from './worker-record';

interface Recognised {
	readonly answers: ReadonlyMap<WorkerRecord, WorkerStatus>;
	/** Answers of workers that were not known. */
	readonly newcomers: readonly WorkerStatus[];
	/** Whose answers may have been taken for one another's. */
	readonly mixed: ReadonlySet<WorkerRecord>;
	/** Whose answer may be that of one who never answered before. */
	readonly unsure: ReadonlySet<WorkerRecord>;
}

/**
 * Says which of several workers with one name gave which answer: by their processes where these are known, else by when
 * they began and from where they answer.
 * @param isWhole whether all that are listed are known.
 */
export function recognise(
	records: readonly WorkerRecord[],
	statuses: readonly WorkerStatus[],
	isWhole: boolean,
): Recognised {
	const answers = new Map<WorkerRecord, WorkerStatus>();
	const byProcess = new Map(records.map((record) => [record.processId, record]));
	for (const status of statuses) {
		const record = status.processId === undefined ? undefined : byProcess.get(status.processId);
		if (record) answers.set(record, status);
	}
	const isTaken = new Set(answers.values());
	const open = statuses.filter((status) => !isTaken.has(status));
	const candidatesOf = new Map(
		open.map((status) => [
			status,
			records.filter((record) => !answers.has(record) && mayBeOfOne(status, marksOf(record))),
		]),
	);
	const mixed = new Set<WorkerRecord>();
	const unsure = new Set<WorkerRecord>();
	for (const [status, candidates] of candidatesOf) {
		const rivals = [...candidatesOf].filter(
			([other, theirs]) => other !== status && theirs.some((one) => candidates.includes(one)),
		);
		const isAlone = candidates.length === 1 && rivals.length === 0;
		if (!isAlone) for (const record of candidates) mixed.add(record);
		else if (!isWhole && status.processId === undefined) unsure.add(candidates[0]!);
	}
	const pairs = [...candidatesOf]
		.flatMap(([status, candidates]) => candidates.map((record) => ({ record, status })))
		.sort((one, other) => apart(one) - apart(other));
	for (const { record, status } of pairs)
		if (!answers.has(record) && !isTaken.has(status)) {
			answers.set(record, status);
			isTaken.add(status);
		}
	return { answers, newcomers: open.filter((status) => !isTaken.has(status)), mixed, unsure };
}

const apart = (pair: { readonly record: WorkerRecord; readonly status: WorkerStatus }): number =>
	startsApart(pair.status, marksOf(pair.record));

/** As it has answered before. */
const marksOf = ({ hostId, pool, processId, startedAt, status }: WorkerRecord): AnswerMarks => ({
	...{ hostId, pool, processId },
	startedAt: startedAt ?? NaN,
	addresses: status?.addresses ?? [],
});
