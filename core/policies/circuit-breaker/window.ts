import type { Baseline } from './baseline';
import type { CircuitBreakerOptions } from './options';

/** The calls that a breaker's rates are computed over. */
export interface CallWindow {
	readonly total: number;
	readonly failures: number;
	readonly slows: number;
	/** Takes a call in. What leaves for it teaches the baseline, if there is one. */
	add(failed: boolean, slow: boolean, now: number, baseline: Baseline | undefined): void;
	/** Drops what has left the window by `now`. */
	advance(now: number, baseline: Baseline | undefined): void;
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
const CALLS_PER_WORD = 16;

/**
 * The last `size` calls, two bits each in a ring of words. The first word lies in the object itself and the others
 * come with use, so that a million breakers with a few calls each stay small.
 */
class CountWindow implements CallWindow {
	total = 0;
	failures = 0;
	slows = 0;
	private next = 0;
	private firstWord = 0;
	private moreWords: number[] | undefined;

	constructor(private readonly size: number) {}

	add(failed: boolean, slow: boolean, _now: number, baseline: Baseline | undefined): void {
		const word = Math.floor(this.next / CALLS_PER_WORD);
		const shift = (this.next % CALLS_PER_WORD) * 2;
		const calls = word === 0 ? this.firstWord : (this.moreWords?.[word - 1] ?? 0);
		if (this.total < this.size) {
			this.total++;
		} else {
			const dropped = calls >> shift;
			baseline?.learn(1, dropped & FAILED, this.size);
			this.failures -= dropped & FAILED;
			this.slows -= (dropped & SLOW) >> 1;
		}
		if (failed) this.failures++;
		if (slow) this.slows++;
		const call = (failed ? FAILED : 0) | (slow ? SLOW : 0);
		const changed = (calls & ~((FAILED | SLOW) << shift)) | (call << shift);
		if (word === 0) this.firstWord = changed;
		else (this.moreWords ??= [])[word - 1] = changed;
		this.next = this.next + 1 === this.size ? 0 : this.next + 1;
	}

	advance(): void {
		// Calls leave a count window only when others come in.
	}

	fits(options: CircuitBreakerOptions): boolean {
		return options.slidingWindowType === 'count-based' && options.slidingWindowSize === this.size;
	}
}

const SEGMENTS = 10;

/** What one segment of a time window saw. */
interface Segment {
	readonly number: number;
	readonly total: number;
	readonly failures: number;
	readonly slows: number;
}

/**
 * The calls of the last `durationMs`, in ten segments of which the oldest leaves as a whole. Only segments that saw
 * calls are kept.
 */
class TimeWindow implements CallWindow {
	total = 0;
	failures = 0;
	slows = 0;
	private newest = 0;
	/** Segments before the newest one, oldest first. */
	private older: Segment[] | undefined;

	constructor(private readonly durationMs: number) {}

	add(failed: boolean, slow: boolean, now: number, baseline: Baseline | undefined): void {
		this.advance(now, baseline);
		this.total++;
		if (failed) this.failures++;
		if (slow) this.slows++;
	}

	advance(now: number, baseline: Baseline | undefined): void {
		const current = Math.floor(now / Math.ceil(this.durationMs / SEGMENTS));
		if (current <= this.newest) return;
		if (this.total > 0) {
			const segments = [...(this.older ?? []), this.newestSegment()];
			const kept = segments.filter(({ number }) => number > current - SEGMENTS);
			if (baseline) teach(baseline, segments, segments.length - kept.length);
			this.total = sum(kept, 'total');
			this.failures = sum(kept, 'failures');
			this.slows = sum(kept, 'slows');
			this.older = kept.length > 0 ? kept : undefined;
		}
		this.newest = current;
	}

	fits(options: CircuitBreakerOptions): boolean {
		return (
			options.slidingWindowType === 'time-based' &&
			options.slidingWindowDurationMs === this.durationMs
		);
	}

	private newestSegment(): Segment {
		const older = this.older ?? [];
		return {
			number: this.newest,
			total: this.total - sum(older, 'total'),
			failures: this.failures - sum(older, 'failures'),
			slows: this.slows - sum(older, 'slows'),
		};
	}
}

/** One after the other, as if each had left at its own time. */
function teach(baseline: Baseline, segments: readonly Segment[], leaving: number): void {
	let windowCalls = sum(segments, 'total');
	for (const { total, failures } of segments.slice(0, leaving)) {
		baseline.learn(total, failures, windowCalls);
		windowCalls -= total;
	}
}

const sum = (segments: readonly Segment[], figure: 'total' | 'failures' | 'slows'): number =>
	segments.reduce((total, segment) => total + segment[figure], 0);
