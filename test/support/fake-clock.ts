import type { CancelTimer, Clock } from '../../core/ports';

interface Timer {
	readonly dueAt: number;
	readonly callback: () => void;
}

/** A clock that stands still until it is moved. Timers fire in the order they are due. */
export class FakeClock implements Clock {
	private readonly timers = new Set<Timer>();

	constructor(private time = Date.UTC(2026, 0, 1)) {}

	now(): number {
		return this.time;
	}

	schedule(callback: () => void, delayMs: number): CancelTimer {
		if (!(delayMs >= 0)) throw new RangeError(`A timer cannot have a delay of ${delayMs} ms`);
		const timer = { dueAt: this.time + delayMs, callback };
		this.timers.add(timer);
		return () => this.timers.delete(timer);
	}

	/** Timers that have neither fired nor been cancelled. */
	get pendingTimers(): number {
		return this.timers.size;
	}

	/** Moves time on by `ms`, firing what comes due. Promises do not get to run in between. */
	advance(ms: number): void {
		const until = this.time + ms;
		for (let timer = this.nextDue(until); timer; timer = this.nextDue(until)) this.fire(timer);
		this.time = until;
	}

	/** Moves time on by `ms`, letting promises run before and after each timer. */
	async run(ms: number): Promise<void> {
		const until = this.time + ms;
		await settled();
		for (let timer = this.nextDue(until); timer; timer = this.nextDue(until)) {
			this.fire(timer);
			await settled();
		}
		this.time = until;
	}

	/** Sets the time of day, forward or back, without a timer noticing. */
	turnTo(time: number): void {
		this.time = time;
	}

	private nextDue(until: number): Timer | undefined {
		let next: Timer | undefined;
		for (const timer of this.timers)
			if (timer.dueAt <= until && (!next || timer.dueAt < next.dueAt)) next = timer;
		return next;
	}

	private fire(timer: Timer): void {
		this.timers.delete(timer);
		this.time = Math.max(this.time, timer.dueAt);
		timer.callback();
	}
}

/** Resolves when all promises that can settle by themselves have settled. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
