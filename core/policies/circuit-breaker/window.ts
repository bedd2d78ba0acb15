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
	/** Whether it is of the kind that these options ask for, and no smaller. */
	suffices(options: CircuitBreakerOptions): boolean;
	/** Tells another window, which is new, of all its calls, the oldest first. */
	copyTo(other: CallWindow, now: number): void;
}

/**
 * The window to count a call in. Steps that share a breaker may ask for different ones, in turns: they get the largest
 * that any of them asked for, and no call is lost on the way to it.
 */
export function sufficientWindow(
	known: CallWindow | undefined,
	options: CircuitBreakerOptions,
	now: number,
): CallWindow {
	if (known?.suffices(options)) return known;
	const larger =
		options.slidingWindowType === 'count-based'
			? new CountWindow(options.slidingWindowSize)
			: new TimeWindow(options.slidingWindowDurationMs);
	known?.copyTo(larger, now);
	return larger;
}

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
		if (this.total < this.size) {
			this.total++;
		} else {
			const dropped = this.callAt(this.next);
			baseline?.learn(1, dropped & FAILED, this.size);
			this.failures -= dropped & FAILED;
			this.slows -= (dropped & SLOW) >> 1;
		}
		if (failed) this.failures++;
		if (slow) this.slows++;
		this.write(this.next, (failed ? FAILED : 0) | (slow ? SLOW : 0));
		this.next = this.next + 1 === this.size ? 0 : this.next + 1;
	}

	advance(): void {
		// Calls leave a count window only when others come in.
	}

	suffices(options: CircuitBreakerOptions): boolean {
		return options.slidingWindowType === 'count-based' && options.slidingWindowSize <= this.size;
	}

	copyTo(other: CallWindow, now: number): void {
		for (let nth = this.total; nth > 0; nth--) {
			const call = this.callAt((this.next - nth + this.size) % this.size);
			other.add((call & FAILED) !== 0, (call & SLOW) !== 0, now, undefined);
		}
	}

	private callAt(place: number): number {
		return (this.word(place) >> shiftOf(place)) & (FAILED | SLOW);
	}

	private write(place: number, call: number): void {
		const shift = shiftOf(place);
		const changed = (this.word(place) & ~((FAILED | SLOW) << shift)) | (call << shift);
		const word = Math.floor(place / CALLS_PER_WORD);
		if (word === 0) this.firstWord = changed;
		else (this.moreWords ??= [])[word - 1] = changed;
	}

	private word(place: number): number {
		const word = Math.floor(place / CALLS_PER_WORD);
		return word === 0 ? this.firstWord : (this.moreWords?.[word - 1] ?? 0);
	}
}

const shiftOf = (place: number): number => (place % CALLS_PER_WORD) * 2;

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
		const current = Math.floor(now / this.segmentMs);
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

	suffices(options: CircuitBreakerOptions): boolean {
		return (
			options.slidingWindowType === 'time-based' &&
			options.slidingWindowDurationMs <= this.durationMs
		);
	}

	copyTo(other: CallWindow, now: number): void {
		this.advance(now, undefined);
		for (const { number, total, failures, slows } of [
			...(this.older ?? []),
			this.newestSegment(),
		]) {
			// Which of its calls were both, and in which order they came, a segment does not know.
			const at = number * this.segmentMs;
			for (let nth = 0; nth < total; nth++) other.add(nth < failures, nth < slows, at, undefined);
		}
	}

	private get segmentMs(): number {
		return Math.ceil(this.durationMs / SEGMENTS);
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
