import {
	beginRun,
	endRun,
	extendRun,
	forgetRun,
	forgottenAt,
	inspectRun,
	type RunRecord,
} from '../../core/policies/run-once';
import type {
	BeginRequest,
	Clock,
	Ending,
	Holding,
	IdempotencyStore,
	Run,
	RunAddress,
	RunAnswer,
	RunEnd,
	RunSnapshot,
	UnkeptFailure,
} from '../../core/ports';
import { KeyMap } from './key-map';
import { WaitingRoom } from './waiting-room';

interface Remembered {
	record: RunRecord;
	/** Ids of requests that wait for the end. */
	readonly waiting: Set<string>;
}

/** Each new key pays for a look at some others. */
const KEYS_PER_SWEEP = 3;

const NO_ROOM: UnkeptFailure = {
	message: 'The result had to make room for others',
	name: 'RunNotKeptError',
	code: 'RUN_NOT_KEPT',
	remedy:
		'Let the protected work return less, shorten the time to live, or keep the state in Redis',
};

/**
 * What became of pieces of work, in this process. When all results together are too large, the oldest leave: that their
 * work is done stays known.
 */
export class MemoryIdempotencyStore implements IdempotencyStore {
	private readonly known = new KeyMap<Remembered>();
	/** Those with a result, oldest first, and its size. */
	private readonly results = new Map<Remembered, number>();
	private bytes = 0;
	private readonly room: WaitingRoom;

	constructor(
		private readonly clock: Clock,
		/** All results together. */
		private readonly maxBytes = 256 * 1024 * 1024,
	) {
		this.room = new WaitingRoom(clock);
	}

	begin(request: BeginRequest): RunAnswer {
		const now = this.clock.now();
		const found = this.find(request);
		const { answer, record } = beginRun(found?.record, request, now);
		if (!record) {
			const mayWait = answer.status === 'running' && request.whenRunning === 'wait';
			if (mayWait) found!.waiting.add(request.runId);
			return answer;
		}
		found?.waiting.delete(request.runId);
		if (found) this.replace(found, record);
		else this.known.set(nameOf(request), { record, waiting: new Set() });
		this.known.sweep(KEYS_PER_SWEEP, (each) => this.leavesAt(each, now));
		return answer;
	}

	extend(run: Run, leaseMs: number): Holding {
		const found = this.find(run);
		const record = extendRun(found?.record, run, leaseMs, this.clock.now());
		if (record) found!.record = record;
		return record ? 'held' : 'lost';
	}

	end(run: Run, end: RunEnd): Ending {
		const found = this.find(run);
		const { ending, record } = endRun(found?.record, run, end, this.clock.now());
		if (record) {
			this.replace(found!, record);
			this.wakeAll(found!);
		}
		return ending;
	}

	async awaitEnd(request: BeginRequest, maxMs: number): Promise<void> {
		const isWaiting = this.find(request)?.waiting.has(request.runId);
		// It may have ended between the answer to `begin` and now, when nobody was there to be woken.
		if (isWaiting) await this.room.wait(request.runId, maxMs);
	}

	withdraw(request: BeginRequest): void {
		this.find(request)?.waiting.delete(request.runId);
		this.room.wake(request.runId);
	}

	inspect(address: RunAddress): RunSnapshot | undefined {
		return inspectRun(this.find(address)?.record, this.clock.now());
	}

	forget(address: RunAddress): void {
		const found = this.find(address);
		const record = forgetRun(found?.record, this.clock.now());
		if (!record) return;
		this.replace(found!, record);
		this.wakeAll(found!);
	}

	/** How many keys are remembered. */
	get size(): number {
		return this.known.size;
	}

	private find(address: RunAddress): Remembered | undefined {
		return this.known.get(nameOf(address));
	}

	private replace(found: Remembered, record: RunRecord): void {
		this.dropResult(found);
		found.record = record;
		if (record.state !== 'ended' || record.end.state !== 'done') return;
		// A character takes two bytes at most.
		const bytes = 2 * record.end.resultJson.length;
		this.results.set(found, bytes);
		this.bytes += bytes;
		for (const [oldest] of this.results) {
			if (this.bytes <= this.maxBytes) break;
			this.dropResult(oldest);
			oldest.record = { ...oldest.record, end: { state: 'unkept', failure: NO_ROOM } } as RunRecord;
		}
	}

	private dropResult(found: Remembered): void {
		this.bytes -= this.results.get(found) ?? 0;
		this.results.delete(found);
	}

	private wakeAll({ waiting }: Remembered): void {
		for (const runId of waiting) this.room.wake(runId);
		waiting.clear();
	}

	private leavesAt(found: Remembered, now: number): boolean {
		if (forgottenAt(found.record) > now) return false;
		this.dropResult(found);
		this.wakeAll(found);
		return true;
	}
}

/** No two addresses have the same. */
const nameOf = ({ name, key }: RunAddress): string => JSON.stringify([name, key]);
