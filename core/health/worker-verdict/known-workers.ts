import type { InstanceEntry, WorkerStatus } from '../../ports/stack';
import { newRecord, type WorkerRecord } from './worker-record';
import type { WorkersLook } from './workers-look';

/** An answer tells when its process began, later by as long as it took to arrive. */
const LONGEST_ON_ITS_WAY_MS = 2_000;

/** Of processes that began within so long, the one that began first may be listed last. */
const LONGEST_START_MS = 120_000;

/** For so many looks all workers of a host are waited for, to answer at one look. */
const PATIENCE_LOOKS = 6;

/**
 * Recognises workers from look to look. All of one machine may have the same host id: then they are told apart by when
 * their processes began, and answers are matched with entries of the registry by their order.
 */
export class KnownWorkers {
	private known: WorkerRecord[] = [];
	/** How many of a host have taken themselves off the registry, of which no answer was known. */
	private readonly stopped = new Map<string, number>();
	/** At how many looks not all of a host's new workers answered. */
	private readonly incomplete = new Map<string, number>();

	get records(): readonly WorkerRecord[] {
		return this.known;
	}

	forget(isForgotten: (record: WorkerRecord) => boolean): void {
		this.known = this.known.filter((record) => !isForgotten(record));
	}

	/** Notes who is listed and who has answered. @returns the answers, by who gave them. */
	note({ at, instances, statuses }: WorkersLook): ReadonlyMap<WorkerRecord, WorkerStatus> {
		if (instances.isKnown) this.noteEntries(instances.value.filter(isWorker), at);
		const answers = new Map<WorkerRecord, WorkerStatus>();
		if (!statuses.isKnown) return answers;
		const byHost = Map.groupBy(statuses.value, ({ hostId }) => hostId);
		for (const [hostId, ofHost] of byHost)
			for (const [record, status] of this.recognise(hostId, ofHost, at)) {
				answers.set(record, status);
				record.startedAt = Math.min(record.startedAt ?? Infinity, status.startedAt);
				record.processId = status.processId ?? record.processId;
				Object.assign(record, { status, answeredAt: at });
			}
		this.forgetStopped(answers);
		return answers;
	}

	private noteEntries(entries: readonly InstanceEntry[], at: number): void {
		for (const record of this.known) record.isRegistered = false;
		for (const entry of entries) {
			const record =
				this.known.find((one) => one.entry?.instanceKey === entry.instanceKey) ??
				this.add(entry.hostId, at);
			if (record.entry && entry.lastSeenAt > record.entry.lastSeenAt) record.entryMovedAt = at;
			Object.assign(record, { entry, isRegistered: true });
		}
		// Whoever was there at the look before has taken itself off, as a worker does that stops.
		const unlisted = this.known.filter(
			({ entry, isRegistered, gone }) => entry !== undefined && !isRegistered && !gone,
		);
		for (const record of unlisted) if (!record.isEntrySure) this.unlist(record);
		const stopped = unlisted.filter((record) => record.isEntrySure);
		this.forget((record) => stopped.includes(record));
		for (const { hostId, startedAt } of stopped)
			if (startedAt === undefined) this.stopped.set(hostId, (this.stopped.get(hostId) ?? 0) + 1);
	}

	/** Its entry was perhaps another's: of one that is gone, or of one that will not answer any more. */
	private unlist(record: WorkerRecord): void {
		const { hostId, entry } = record;
		const stopped = this.stopped.get(hostId) ?? 0;
		const gone = this.known.filter(
			(other) => other.hostId === hostId && other.gone && other.isRegistered && !other.isEntrySure,
		);
		// Of those that are gone, as many are accounted for as have stopped already.
		if (gone.length > stopped) {
			Object.assign(record, { entry: gone[0]!.entry, isRegistered: true });
			Object.assign(gone[0]!, { entry, isRegistered: false });
			return;
		}
		record.entry = undefined;
		this.stopped.set(hostId, stopped + 1);
	}

	/** Where as many have stopped as answer no more, it is those, though nobody knew which entry was whose. */
	private forgetStopped(answers: ReadonlyMap<WorkerRecord, WorkerStatus>): void {
		for (const [hostId, count] of this.stopped) {
			const unheard = this.known.filter(
				(record) =>
					record.hostId === hostId &&
					(!record.entry || !record.isEntrySure) &&
					!answers.has(record),
			);
			const silent = unheard.length > count ? unheard.filter(({ gone }) => gone) : unheard;
			if (silent.length === 0 || silent.length > count) continue;
			this.forget((record) => silent.includes(record));
			const theirs = silent.flatMap(({ entry, isRegistered }) =>
				entry && isRegistered ? entry : [],
			);
			for (const record of this.known)
				if (record.hostId === hostId && !record.entry && theirs.length > 0)
					Object.assign(record, { entry: theirs.pop(), isRegistered: true });
			this.stopped.delete(hostId);
		}
	}

	/** Who of a host has given which of the answers. */
	private recognise(
		hostId: string,
		statuses: readonly WorkerStatus[],
		at: number,
	): ReadonlyArray<readonly [WorkerRecord, WorkerStatus]> {
		const ofHost = this.known.filter((record) => record.hostId === hostId);
		const unheard = ofHost.filter(({ startedAt }) => startedAt === undefined);
		const { pairs, left } = nearest(
			ofHost.filter(({ startedAt }) => startedAt !== undefined),
			statuses,
		);
		const unlisted = pairs.map(([record]) => record).filter(({ entry }) => !entry);
		// Newcomers are recognised once all of them answer at one look: before, one may be taken for another.
		const isSure = unheard.length === 0 || left.length + unlisted.length === unheard.length;
		const looks = isSure ? 0 : (this.incomplete.get(hostId) ?? 0) + 1;
		this.incomplete.set(hostId, looks);
		const recognised: Array<readonly [WorkerRecord, WorkerStatus]> = [...pairs];
		if (isSure && unheard.length > 0) recognised.push(...this.join(unheard, unlisted, left));
		else if (isSure || looks > PATIENCE_LOOKS)
			recognised.push(...left.map((status) => [this.add(hostId, at), status] as const));
		for (const record of this.known) if (record.hostId === hostId) record.isSure = isSure;
		return recognised;
	}

	/** One that is listed and one that answers are the same worker, by the order in which they began. */
	private join(
		listed: readonly WorkerRecord[],
		unlisted: readonly WorkerRecord[],
		statuses: readonly WorkerStatus[],
	): ReadonlyArray<readonly [WorkerRecord, WorkerStatus]> {
		const entries = [...listed].sort(byRegistration);
		const heard = [
			...unlisted.map((record) => ({ record, startedAt: record.startedAt! })),
			...statuses.map((status) => ({ status, startedAt: status.startedAt })),
		].sort((one, other) => one.startedAt - other.startedAt);
		const joined: Array<readonly [WorkerRecord, WorkerStatus]> = [];
		const isNear = (index: number) =>
			(heard[index + 1]?.startedAt ?? Infinity) - heard[index]!.startedAt <= LONGEST_START_MS;
		for (const [index, one] of heard.entries()) {
			const newcomer = entries[index]!;
			newcomer.isEntrySure = !isNear(index) && !(index > 0 && isNear(index - 1));
			if ('status' in one) {
				joined.push([newcomer, one.status]);
				continue;
			}
			const { entry, isRegistered, isEntrySure, entryMovedAt } = newcomer;
			Object.assign(one.record, { entry, isRegistered, isEntrySure, entryMovedAt });
			this.forget((record) => record === newcomer);
		}
		return joined;
	}

	private add(hostId: string, at: number): WorkerRecord {
		const record = newRecord(hostId, at);
		this.known.push(record);
		return record;
	}
}

/** Matches those first whose processes began at most nearly the same time. */
function nearest(records: readonly WorkerRecord[], statuses: readonly WorkerStatus[]) {
	const apart = ({ startedAt, processId }: WorkerRecord, status: WorkerStatus) =>
		processId === undefined || status.processId === undefined
			? Math.abs(startedAt! - status.startedAt)
			: processId === status.processId
				? -1
				: Infinity;
	const candidates = records
		.flatMap((record) => statuses.map((status) => [record, status] as const))
		.filter((pair) => apart(...pair) <= LONGEST_ON_ITS_WAY_MS)
		.sort((one, other) => apart(...one) - apart(...other));
	const pairs = new Map<WorkerRecord, WorkerStatus>();
	const taken = new Set<WorkerStatus>();
	for (const [record, status] of candidates)
		if (!pairs.has(record) && !taken.has(status)) {
			pairs.set(record, status);
			taken.add(status);
		}
	const left = statuses.filter((status) => !taken.has(status));
	return {
		pairs: [...pairs],
		left: left.sort((one, other) => one.startedAt - other.startedAt),
	};
}

const byRegistration = (one: WorkerRecord, other: WorkerRecord): number =>
	(one.entry?.registeredAt ?? 0) - (other.entry?.registeredAt ?? 0);

const isWorker = ({ type }: InstanceEntry): boolean => type === 'worker';
