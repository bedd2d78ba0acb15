import type { InstanceEntry, RedisClient, WorkerStatus } from '../../ports/stack';
import { CrewEntries } from './crew-entries';
import { LONGEST_ON_ITS_WAY_MS } from './may-be-of-one';
import { recognise } from './recognise';
import { LONGEST_PAUSE_MS } from './told-together';
import { isConfirmed, newRecord, unlearn, type WorkerRecord } from './worker-record';

/** Where nobody uses the registry, nothing tells those that have stopped from those that are missed. */
export type RegistryUse = 'used' | 'unused';

/** From when a process begins until its entry says that it has, at most. */
const LONGEST_TO_REGISTER_MS = 60_000;

/** So long after a worker that hangs has answered last its entry runs out, at the earliest. */
const MAY_RUN_OUT_MS = 25_000;

/** Between what one look asks first and what it asks last, at most. */
const LONGEST_LOOK_MS = 5_000;

/** One that is gone, and of which it stays unknown whether it stopped by itself, is forgotten after so long. */
const UNKNOWN_END_MS = 120_000;

/**
 * Workers of one pool that go by one name. It is one in most cases; several where they share a machine, or were given
 * the same name. Nothing says then which entry of the registry is whose, so these are only counted, and of one that is
 * gone it is said that it has not stopped by itself only where the count leaves no other way.
 */
export class Crew {
	/** Have answered. */
	members: readonly WorkerRecord[] = [];
	/** As many as are listed, and have never answered. */
	unheard: readonly WorkerRecord[] = [];
	private readonly entries = new CrewEntries();
	/** Held up for so long that their entries may have run out. */
	private hanging = 0;

	constructor(
		private readonly hostId: string,
		private readonly pool: string,
	) {}

	/** Nobody is known or listed any more. */
	get isEmpty(): boolean {
		return this.members.length === 0 && this.entries.size === 0;
	}

	noteEntries(entries: readonly InstanceEntry[], at: number): void {
		this.entries.note(entries, at);
		this.noteUnheard(at);
	}

	/**
	 * @param connected all that are connected to Redis, by their keys; undefined where nobody says.
	 * @returns the answers, by who gave them.
	 */
	noteAnswers(
		statuses: readonly WorkerStatus[],
		at: number,
		registry: RegistryUse,
		connected: ReadonlyMap<string, RedisClient> | undefined,
	): ReadonlyMap<WorkerRecord, WorkerStatus> {
		const isWhole = this.unheard.length === 0;
		const { answers, newcomers, mixed, unsure } = recognise(this.members, statuses, isWhole);
		const added = newcomers.map((status) => [this.add(status, at), status] as const);
		const all = new Map([...answers, ...added]);
		for (const record of mixed) mixUp(record);
		for (const [record, status] of all) {
			record.startedAt = Math.min(record.startedAt ?? Infinity, status.startedAt);
			record.processId = status.processId ?? record.processId;
			Object.assign(record, { status, answeredAt: at });
			if (status.processId !== undefined) record.isMixed = false;
		}
		this.noteTwins();
		for (const record of this.members) {
			// Of a process that is known, and that did not answer this time as far as is known.
			const isUnmatched = record.processId !== undefined && isWithoutProcess(all.get(record));
			const maybeOther = isUnmatched && !this.entries.isOnly;
			record.isSure = !record.isMixed && !unsure.has(record) && !maybeOther;
		}
		this.noteHeldUp(at, connected);
		if (registry === 'used') this.forgetUnlisted(at);
		this.noteUnheard(at);
		this.noteNames();
		return all;
	}

	/** To be called once it is known which of them are gone at this look. */
	noteMissed(at: number, registry: RegistryUse): void {
		for (const record of this.members) {
			if (!record.gone) record.isMissed = record.isUnlisted = false;
			else if (!record.isSure || !isConfirmed(record.gone, at)) continue;
			// Each process that has not stopped by itself is still listed, for a while at least.
			else if (registry === 'unused' || this.isSurelyListed(record)) record.isMissed = true;
		}
	}

	/** Whether entries were renewed after a worker was gone that can only be its. */
	isStillListed({ gone }: WorkerRecord): boolean {
		if (!gone || this.unheard.length > 0) return false;
		const renewed = this.entries.listed.filter(
			({ firstSeenAt, movedAt }) => firstSeenAt < gone.since && movedAt > gone.since,
		);
		const absent = this.members.filter((other) => other.gone && !other.isUnlisted).length;
		return renewed.length - (this.members.length - absent) >= absent;
	}

	forget(at: number, rememberedMs: number): void {
		this.members = this.members.filter(
			({ gone, isMissed }) => !gone || at - gone.since < (isMissed ? rememberedMs : UNKNOWN_END_MS),
		);
		this.entries.forget(this.members);
	}

	private add(status: WorkerStatus, at: number): WorkerRecord {
		const record = newRecord(this.hostId, this.pool, at);
		record.name = `${this.hostId}/${status.processId ?? status.startedAt}`;
		this.members = [...this.members, record];
		return record;
	}

	/** Of those that began together, and of which no process is known, each may answer in the other's place. */
	private noteTwins(): void {
		const { twins } = this.entries;
		for (const record of this.members) {
			const { startedAt, processId, isMixed } = record;
			if (startedAt === undefined || processId !== undefined || isMixed) continue;
			if (twins.some((registeredAt) => isRegistration(registeredAt, startedAt))) mixUp(record);
		}
	}

	/** How many more are known than are listed. */
	private get unlisted(): number {
		return this.members.filter(({ isUnlisted }) => !isUnlisted).length - this.entries.size;
	}

	/** Whether it has not taken itself off, as a worker that stops does as its last act. */
	private isSurelyListed(record: WorkerRecord): boolean {
		const { gone, answeredAt = -Infinity } = record;
		// One that has hung takes off an entry that is old, or none.
		const hasHung = !gone || gone.since - answeredAt >= LONGEST_PAUSE_MS;
		const explained = hasHung || this.entries.takenOffSince(answeredAt) > 0 ? 0 : this.hanging;
		// However many are listed: others may have come in the place of those that went.
		return this.unlisted <= explained && !this.entries.mayLack(record, explained);
	}

	private noteHeldUp(at: number, connected: ReadonlyMap<string, RedisClient> | undefined): void {
		for (const record of this.members)
			if (record.answeredAt === at) record.isHeldUp = false;
			else if (connected) record.isHeldUp = isConnected(record, at, connected);
		this.hanging = this.members.filter(
			({ isHeldUp, answeredAt = at }) => isHeldUp && at - answeredAt >= MAY_RUN_OUT_MS,
		).length;
	}

	/** Where as many are silent as are listed no more, it is those. */
	private forgetUnlisted(at: number): void {
		const silent = this.members.filter(
			({ answeredAt, isMissed, isHeldUp }) => answeredAt !== at && !isMissed && !isHeldUp,
		);
		const spoke = Math.min(...silent.map(({ answeredAt = -Infinity }) => answeredAt));
		const takenOff = Math.min(this.unlisted, this.entries.takenOffSince(spoke));
		const lacking = Math.max(this.unlisted - this.hanging, takenOff);
		if (lacking <= 0) return;
		const gone = silent.filter((record) => record.gone);
		const areAllSilent = silent.length <= lacking;
		const ended = areAllSilent ? silent : gone.length <= lacking ? gone : [];
		this.members = this.members.filter((record) => !ended.includes(record));
		for (const record of ended) this.entries.noteStopped(record);
		if (!areAllSilent) return;
		const listed = this.members.filter(({ isMissed, isUnlisted }) => isMissed && !isUnlisted);
		for (const record of listed.slice(0, lacking - ended.length)) {
			record.isUnlisted = true;
			this.entries.noteStopped(record);
		}
	}

	private noteUnheard(at: number): void {
		const count = Math.max(0, -this.unlisted);
		const added = Array.from({ length: Math.max(0, count - this.unheard.length) }, () =>
			newRecord(this.hostId, this.pool, at),
		);
		this.unheard = [...this.unheard, ...added].slice(0, count);
		const entries = this.members.length === 0 ? this.entries.listed : [];
		for (const [index, record] of this.unheard.entries()) {
			record.entry = entries[index]?.entry;
			record.name = `${this.hostId}/not heard ${index + 1}`;
		}
	}

	/** Where one is listed under no name, and one has none, that is its. */
	private noteNames(): void {
		const taken = new Set(this.members.map(({ entry }) => entry?.instanceKey));
		const free = this.entries.listed.filter(({ entry }) => !taken.has(entry.instanceKey));
		const [nameless, ...others] = this.members.filter(({ entry }) => !entry);
		// The entry of one that hangs may have run out, and that of one that has stopped may be among those that went.
		if (!nameless || nameless.isHeldUp || this.entries.mayLack(nameless, 0)) return;
		if (free.length === 1 && others.length === 0) nameless.entry = free[0]!.entry;
	}
}

const isWithoutProcess = (status: WorkerStatus | undefined): boolean =>
	status !== undefined && status.processId === undefined;

function mixUp(record: WorkerRecord): void {
	unlearn(record);
	record.isMixed = true;
}

const isRegistration = (registeredAt: number, startedAt: number): boolean =>
	registeredAt >= startedAt - LONGEST_ON_ITS_WAY_MS &&
	registeredAt <= startedAt + LONGEST_TO_REGISTER_MS;

/** Whether the connection is there by which it took jobs. */
function isConnected(
	{ taker = '', answeredAt = -Infinity }: WorkerRecord,
	at: number,
	connected: ReadonlyMap<string, RedisClient>,
): boolean {
	const client = connected.get(taker);
	// A server that was started anew counts its connections from the beginning.
	return client !== undefined && client.ageMs >= at - answeredAt - LONGEST_LOOK_MS;
}
