import type { CircuitBreakerOptions } from './options';

/** The calls that a breaker's rates are computed over. */
export interface CallWindow {
	readonly total: number;
	readonly failures: number;
	readonly slows: number;
	add(failed: boolean, slow: boolean, now: number): void;
	/** Drops what has left the window by `now`. */
	advance(now: number): void;
	/** Whether it was made for these options. */
	fits(options: CircuitBreakerOptions): boolean;
}

/** A window of the kind that the options ask for. */
export const createWindow = (options: CircuitBreakerOptions): CallWindow =>
	options.slidingWindowType === 'count-based'
		? new CountWindow(options.slidingWindowSize)
		: new TimeWindow(options.slidingWindowDurationMs);

const FAILED = 1;
const SLOW = 2;

/** The last `size` calls. Grows with use, so that a breaker with few calls stays small. */
class CountWindow implements CallWindow {
	total = 0;
	failures = 0;
	slows = 0;
	private readonly calls: number[] = [];
	private oldest = 0;

	constructor(private readonly size: number) {}

	add(failed: boolean, slow: boolean): void {
		const call = (failed ? FAILED : 0) | (slow ? SLOW : 0);
		if (this.total < this.size) {
			this.calls.push(call);
			this.total++;
		} else {
			const dropped = this.calls[this.oldest]!;
			this.failures -= dropped & FAILED;
			this.slows -= (dropped & SLOW) >> 1;
			this.calls[this.oldest] = call;
			this.oldest = this.oldest + 1 === this.size ? 0 : this.oldest + 1;
		}
		this.failures += call & FAILED;
		this.slows += (call & SLOW) >> 1;
	}

	advance(): void {
		// Calls leave a count window only when others come in.
	}

	fits(options: CircuitBreakerOptions): boolean {
		return options.slidingWindowType === 'count-based' && options.slidingWindowSize === this.size;
	}
}

const SEGMENTS = 10;

/** The calls of the last `durationMs`, in ten segments of which the oldest leaves as a whole. */
class TimeWindow implements CallWindow {
	total = 0;
	failures = 0;
	slows = 0;
	private newest = 0;
	private readonly segmentMs: number;
	private readonly totals = new Array<number>(SEGMENTS).fill(0);
	private readonly failed = new Array<number>(SEGMENTS).fill(0);
	private readonly slowed = new Array<number>(SEGMENTS).fill(0);

	constructor(private readonly durationMs: number) {
		this.segmentMs = Math.ceil(durationMs / SEGMENTS);
	}

	add(failed: boolean, slow: boolean, now: number): void {
		this.advance(now);
		const place = this.newest % SEGMENTS;
		this.totals[place]!++;
		this.total++;
		if (failed) {
			this.failed[place]!++;
			this.failures++;
		}
		if (slow) {
			this.slowed[place]!++;
			this.slows++;
		}
	}

	advance(now: number): void {
		const current = Math.floor(now / this.segmentMs);
		const passed = Math.min(current - this.newest, SEGMENTS);
		for (let step = 0; step < passed; step++) this.clear((current - step) % SEGMENTS);
		if (passed > 0) this.newest = current;
	}

	fits(options: CircuitBreakerOptions): boolean {
		return (
			options.slidingWindowType === 'time-based' &&
			options.slidingWindowDurationMs === this.durationMs
		);
	}

	private clear(place: number): void {
		this.total -= this.totals[place]!;
		this.failures -= this.failed[place]!;
		this.slows -= this.slowed[place]!;
		this.totals[place] = this.failed[place] = this.slowed[place] = 0;
	}
}
