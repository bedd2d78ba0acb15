import type { Baseline } from './baseline';

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
export class TimeWindow {
	total = 0;
	failures = 0;
	slows = 0;
	private newest = 0;
	/** Segments before the newest one, oldest first. */
	private older: Segment[] | undefined;

	constructor(private readonly durationMs: number) {}

	/** Takes a call in. What has left by now teaches the baseline, if there is one. */
	add(failed: boolean, slow: boolean, now: number, baseline: Baseline | undefined): void {
		this.advance(now, baseline);
		this.total++;
		if (failed) this.failures++;
		if (slow) this.slows++;
	}

	/** Drops what has left by `now`. */
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

	/** Itself if it is long enough, else a longer one with all its calls, each segment's at the time it began. */
	grownTo(durationMs: number, now: number): TimeWindow {
		if (durationMs <= this.durationMs) return this;
		this.advance(now, undefined);
		const longer = new TimeWindow(durationMs);
		for (const segment of [...(this.older ?? []), this.newestSegment()]) {
			longer.advance(segment.number * this.segmentMs, undefined);
			longer.total += segment.total;
			longer.failures += segment.failures;
			longer.slows += segment.slows;
		}
		return longer;
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
