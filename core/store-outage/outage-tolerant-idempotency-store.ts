import { isOfOneState } from '../errors';
import type {
	Awaitable,
	BeginRequest,
	Clock,
	Ending,
	Holding,
	IdempotencyStore,
	RemoteIdempotencyStore,
	ResultApart,
	Run,
	RunAddress,
	RunAnswer,
	RunEnd,
	RunSnapshot,
} from '../ports';
import { inTime, patienceFor } from './in-time';
import type { StoreEvent, WhenStoreIsDown } from './store-event';
import type { StoreHealths } from './store-health';

/** Ends that are kept for a store that is down, by their number and by the characters of their results. */
const MOST_OWED = 10_000;
const MOST_OWED_CHARACTERS = 32 * 1024 * 1024;

/** How many of them it gets at a time when it is back, so that calls need not wait behind them. */
const PAID_AT_A_TIME = 10;

/**
 * A shared store with an answer for when it cannot be reached: let work start without a record, turn it away, or go by
 * the records of this process alone. How work ended meanwhile that the shared store knows of is told when it is back.
 */
export class OutageTolerantIdempotencyStore implements IdempotencyStore {
	private owed: Array<readonly [Run, RunEnd]> = [];
	private owedCharacters = 0;

	constructor(
		private readonly shared: RemoteIdempotencyStore,
		private readonly local: IdempotencyStore,
		private readonly health: StoreHealths<RunAddress>,
		private readonly clock: Clock,
		private readonly whenDown: WhenStoreIsDown,
		private readonly tell: (event: StoreEvent) => void = () => undefined,
	) {
		health.onAnswer(() => void this.payBack());
	}

	async begin(request: BeginRequest): Promise<RunAnswer> {
		if (this.isDown(request)) return await this.standIn(request);
		const asked = this.shared.ask(request);
		let answer: RunAnswer | ResultApart;
		try {
			answer = await inTime(asked, this.clock);
		} catch (error) {
			this.health.of(request).noteFailure(error);
			this.giveBackLate(request, asked);
			return await this.standIn(request);
		}
		return answer.status === 'apart' ? await this.fetch(answer, request) : answer;
	}

	/** What is known to be done is not done again because its result does not come. */
	private async fetch(result: ResultApart, request: BeginRequest): Promise<RunAnswer> {
		let answer: RunAnswer | undefined;
		try {
			answer = await inTime(this.shared.fetch(result), this.clock, patienceFor(result.bytes));
		} catch (error) {
			this.health.of(request).noteFailure(error);
			return { status: 'unreachable' };
		}
		return answer ?? (await this.begin(request));
	}

	async extend(run: Run, leaseMs: number): Promise<Holding> {
		if (run.degraded === 'local') return await this.local.extend(run, leaseMs);
		if (run.degraded) return 'held';
		return await this.shared.extend(run, leaseMs);
	}

	async end(run: Run, end: RunEnd): Promise<Ending> {
		if (run.degraded === 'local') return await this.local.end(run, end);
		if (run.degraded) return 'unknown';
		if (this.isDown(run)) {
			this.owe(run, end);
			return 'unknown';
		}
		const ending = Promise.resolve(this.shared.end(run, end));
		try {
			return await inTime(ending, this.clock, patienceFor(charactersOf(end)));
		} catch (error) {
			this.health.of(run).noteFailure(error);
			if (isOfOneState(error)) return 'unknown';
			// It may have been noted all the same; a store notes it once.
			this.owe(run, end);
			ending.then(
				() => this.drop(run),
				() => undefined,
			);
			return 'unknown';
		}
	}

	async awaitEnd(request: BeginRequest, maxMs: number): Promise<void> {
		if (!this.isDown(request)) await this.shared.awaitEnd(request, maxMs);
		else if (this.whenDown === 'local') await this.local.awaitEnd(request, maxMs);
	}

	async withdraw(request: BeginRequest): Promise<void> {
		if (this.whenDown === 'local') await this.local.withdraw(request);
		await this.shared.withdraw(request);
	}

	/** @throws when the store cannot be reached: what people look at must be true. */
	inspect(address: RunAddress): Awaitable<RunSnapshot | undefined> {
		return this.shared.inspect(address);
	}

	/** @throws when the store cannot be reached. */
	forget(address: RunAddress): Awaitable<void> {
		return this.shared.forget(address);
	}

	private async standIn(request: BeginRequest): Promise<RunAnswer> {
		const { runId, name, key } = request;
		const at = this.clock.now();
		this.tell({ type: 'call-degraded', at, mode: this.whenDown });
		switch (this.whenDown) {
			case 'allow': {
				const run: Run = { id: runId, name, key, token: at, degraded: 'allow' };
				return { status: 'started', run, isTakenOver: false };
			}
			case 'reject':
				return { status: 'unreachable' };
			case 'local': {
				const answer = await this.local.begin(request);
				if (answer.status !== 'started') return answer;
				return { ...answer, run: { ...answer.run, degraded: 'local' } };
			}
		}
	}

	/** The caller goes on without what an answer that comes too late has started. */
	private giveBackLate(request: BeginRequest, answer: Promise<RunAnswer | ResultApart>): void {
		answer
			.then(async (late) => {
				if (late.status === 'started') await this.shared.extend(late.run, 0);
				if (late.status === 'running') await this.shared.withdraw(request);
			})
			.catch(() => undefined);
	}

	private owe(run: Run, end: RunEnd): void {
		const characters = this.owedCharacters + charactersOf(end);
		if (this.owed.length >= MOST_OWED || characters > MOST_OWED_CHARACTERS) return;
		this.owed.push([run, end]);
		this.owedCharacters = characters;
	}

	private drop(run: Run): void {
		const place = this.owed.findIndex(([owed]) => owed === run);
		if (place < 0) return;
		const [[, end]] = this.owed.splice(place, 1) as [readonly [Run, RunEnd]];
		this.owedCharacters -= charactersOf(end);
	}

	/** Tells what may hear it how work ended meanwhile. */
	private async payBack(): Promise<void> {
		const payable = this.owed.filter(([run]) => !this.isLost(run));
		this.owed = this.owed.filter(([run]) => this.isLost(run));
		for (const [, end] of payable) this.owedCharacters -= charactersOf(end);
		while (payable.length > 0)
			await Promise.all(payable.splice(0, PAID_AT_A_TIME).map(([run, end]) => this.pay(run, end)));
	}

	/** Nobody waits for it. */
	private async pay(run: Run, end: RunEnd): Promise<void> {
		if (this.isLost(run)) return this.owe(run, end);
		const wasDown = this.isDown(run);
		try {
			await this.shared.end(run, end);
		} catch (error) {
			// Of a store that is down its probes tell how it is.
			if (!wasDown) this.health.of(run).noteFailure(error);
			if (isOfOneState(error)) return;
			if (this.isDown(run)) this.owe(run, end);
			else await this.pay(run, end);
		}
	}

	private isLost(address: RunAddress): boolean {
		return this.health.of(address).condition === 'lost';
	}

	private isDown(address: RunAddress): boolean {
		return this.health.of(address).isDown;
	}
}

const charactersOf = (end: RunEnd): number => (end.state === 'done' ? end.resultJson.length : 0);
