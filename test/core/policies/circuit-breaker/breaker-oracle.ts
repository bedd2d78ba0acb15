import type { OutcomeKind } from '../../../../core/outcome';
import type { CircuitBreakerOptions } from '../../../../core/policies/circuit-breaker';

interface Call {
	readonly at: number;
	readonly failed: boolean;
	readonly slow: boolean;
}

interface Probe {
	until: number;
	verdict?: Call;
	ignored?: boolean;
}

/** One span between two changes of state, with everything that ever happened in it. */
interface Generation {
	readonly state: 'closed' | 'open' | 'half-open' | 'isolated';
	readonly openUntil: number;
	calls: Call[];
	readonly probes: Map<string, Probe>;
}

/** Calls that left a closed breaker's window together, of which it held `windowCalls` until then. */
interface Lesson {
	readonly calls: readonly Call[];
	readonly windowCalls: number;
}

/**
 * What a circuit breaker should do, said as plainly as possible: it keeps every call of a generation and looks
 * through all of them each time, with rates compared as whole numbers.
 */
export class BreakerOracle {
	current: Generation = generation('closed');
	private lastCallAt = 0;
	private openings = 0;
	/** Of earlier generations. */
	private lessons: Lesson[] = [];

	constructor(private readonly options: CircuitBreakerOptions) {}

	/** 0 when a call may pass, else the time until it is worth asking again. */
	waitFor(permitId: string, now: number): number {
		this.forgetWhenIdle(now);
		const { state, openUntil, probes } = this.current;
		if (state === 'isolated') return Infinity;
		if (state === 'open') return Math.max(0, openUntil - now);
		if (state === 'closed' || this.isProbing(permitId, now)) return 0;
		const counted = [...probes.values()].filter(({ ignored }) => !ignored);
		if (counted.length < this.options.permittedNumberOfCallsInHalfOpenState) return 0;
		return Math.max(0, ...counted.filter(isOut).map(({ until }) => until - now));
	}

	/** Takes in a call that may pass, and returns the generation it belongs to. */
	take(permitId: string, now: number, leaseMs: number): Generation {
		const { state, probes } = this.current;
		const counted = [...probes.values()].filter(({ ignored }) => !ignored);
		const exhausted =
			state === 'half-open' &&
			!this.isProbing(permitId, now) &&
			counted.length >= this.options.permittedNumberOfCallsInHalfOpenState;
		if (state === 'open' || exhausted) this.current = generation('half-open');
		if (this.current.state === 'half-open' && !this.isProbing(permitId, now)) {
			const lost = this.current.probes.get(permitId);
			if (lost) this.current.probes.set(`${permitId}, lost before ${now}`, lost);
			this.current.probes.set(permitId, { until: now + leaseMs });
		}
		this.lastCallAt = now;
		return this.current;
	}

	/** Returns whether the permit was still good. */
	settle(
		permitId: string,
		from: Generation,
		kind: OutcomeKind,
		latencyMs: number,
		now: number,
	): boolean {
		this.forgetWhenIdle(now);
		if (from !== this.current) return false;
		const call = {
			at: now,
			failed: kind === 'failure',
			slow: kind === 'slow' || latencyMs >= this.options.slowCallDurationThresholdMs,
		};
		if (from.state === 'closed') {
			this.lastCallAt = now;
			if (kind === 'ignored') return true;
			from.calls.push(call);
			if (this.isTooBad(now)) this.trip(now);
			return true;
		}
		if (!this.isProbing(permitId, now)) return false;
		this.lastCallAt = now;
		const probe = from.probes.get(permitId)!;
		if (kind === 'ignored') probe.ignored = true;
		else probe.verdict = call;
		this.judgeProbes(now);
		return true;
	}

	extend(permitId: string, from: Generation, now: number, leaseMs: number): boolean {
		this.forgetWhenIdle(now);
		if (from !== this.current) return false;
		if (from.state === 'closed') {
			this.lastCallAt = now;
			return true;
		}
		if (!this.isProbing(permitId, now)) return false;
		from.probes.get(permitId)!.until = now + leaseMs;
		return true;
	}

	override(action: 'open' | 'close' | 'isolate' | 'reset', now: number): void {
		this.forgetWhenIdle(now);
		if (action === 'open') this.trip(now);
		else this.close(now);
		if (action === 'reset') this.lessons = [];
		if (action === 'isolate') this.current = generation('isolated');
		this.lastCallAt = now;
	}

	/** Probes of this generation that have told something or still may. */
	get probesStarted(): number {
		return [...this.current.probes.values()].filter(({ ignored }) => !ignored).length;
	}

	/** The failure rate that opens it, in per cent. */
	threshold(now: number): number {
		const { options } = this;
		const { failureRateThreshold, maxFailureRateThreshold, baselineMultiplier } = options;
		if (options.thresholdStrategy === 'fixed' || failureRateThreshold === 0)
			return failureRateThreshold;
		// The mean of all, in which what is older than ten windows counts exponentially less.
		let known = 0;
		let failed = 0;
		for (const { calls, windowCalls } of [...this.lessons, ...this.lessonsOfNow(now)]) {
			const most = Math.max(known, 10 * windowCalls);
			known += calls.length;
			failed += calls.filter((call) => call.failed).length;
			if (known > most) {
				failed = (failed * most) / known;
				known = most;
			}
		}
		if (known < 10 * this.neededCalls) return failureRateThreshold;
		const usual = (failed / known) * 100;
		return Math.min(
			maxFailureRateThreshold,
			Math.max(failureRateThreshold, usual * baselineMultiplier),
		);
	}

	private get neededCalls(): number {
		const { slidingWindowType, minimumNumberOfCalls, slidingWindowSize } = this.options;
		return slidingWindowType === 'count-based'
			? Math.min(minimumNumberOfCalls, slidingWindowSize)
			: minimumNumberOfCalls;
	}

	/** What has left the window of the present generation. */
	private lessonsOfNow(now: number): Lesson[] {
		const { calls } = this.current;
		const { slidingWindowType, slidingWindowSize } = this.options;
		if (slidingWindowType === 'count-based')
			return calls
				.slice(0, Math.max(0, calls.length - slidingWindowSize))
				.map((call) => ({ calls: [call], windowCalls: slidingWindowSize }));
		const steps = new Set(calls.map(({ at }) => this.stepOf(at)));
		return [...steps]
			.filter((step) => step < this.stepOf(now) - 9)
			.map((step) => ({
				calls: calls.filter(({ at }) => this.stepOf(at) === step),
				windowCalls: calls.filter(
					({ at }) => this.stepOf(at) >= step && this.stepOf(at) <= step + 9,
				).length,
			}));
	}

	private stepOf(at: number): number {
		return Math.floor(at / Math.ceil(this.options.slidingWindowDurationMs / 10));
	}

	private isProbing(permitId: string, now: number): boolean {
		const probe = this.current.probes.get(permitId);
		return probe !== undefined && isOut(probe) && probe.until > now;
	}

	private isTooBad(now: number): boolean {
		const { options } = this;
		const { calls } = this.current;
		let streak = 0;
		while (streak < calls.length && calls.at(-1 - streak)!.failed) streak++;
		if (options.consecutiveFailureThreshold > 0 && streak >= options.consecutiveFailureThreshold)
			return true;

		const isCounting = options.slidingWindowType === 'count-based';
		const firstStep = this.stepOf(now) - 9;
		const inWindow = isCounting
			? calls.slice(-options.slidingWindowSize)
			: calls.filter(({ at }) => this.stepOf(at) >= firstStep);
		return (
			inWindow.length >= this.neededCalls &&
			(this.fails(inWindow, inWindow.length, now) ||
				reaches(inWindow, 'slow', options.slowCallRateThreshold, inWindow.length))
		);
	}

	/** A rate that was learnt is no whole number of thousandths, and is compared as it is. */
	private fails(calls: readonly Call[], outOf: number, now: number): boolean {
		const { failureRateThreshold, maxFailureRateThreshold } = this.options;
		const threshold = this.threshold(now);
		const failed = calls.filter((call) => call.failed).length;
		return [failureRateThreshold, maxFailureRateThreshold].includes(threshold)
			? reaches(calls, 'failed', threshold, outOf)
			: failed > 0 && failed * 100 >= threshold * outOf;
	}

	private judgeProbes(now: number): void {
		const permitted = this.options.permittedNumberOfCallsInHalfOpenState;
		const told = [...this.current.probes.values()].flatMap(({ verdict }) => verdict ?? []);
		const { failureRateThreshold, slowCallRateThreshold } = this.options;
		const failing =
			failureRateThreshold > 0
				? this.fails(told, permitted, now)
				: told.some(({ failed }) => failed);
		if (failing || reaches(told, 'slow', slowCallRateThreshold, permitted)) this.trip(now);
		else if (told.length >= permitted) this.close(now);
	}

	private forgetWhenIdle(now: number): void {
		const { state, openUntil, probes } = this.current;
		if (state === 'isolated') return;
		const leases = [...probes.values()].filter(isOut).map(({ until }) => until);
		const busyUntil = Math.max(this.lastCallAt, state === 'open' ? openUntil : 0, ...leases);
		if (now < busyUntil + this.options.idleResetMs) return;
		this.close(now);
		this.lessons = [];
	}

	private close(now: number): void {
		this.lessons.push(...this.lessonsOfNow(now));
		this.current = generation('closed');
		this.openings = 0;
	}

	private trip(now: number): void {
		const { waitDurationInOpenStateMs, waitDurationMultiplier, maxWaitDurationInOpenStateMs } =
			this.options;
		let waitMs = waitDurationInOpenStateMs;
		for (let opening = 0; opening < this.openings; opening++) waitMs *= waitDurationMultiplier;
		if (waitDurationMultiplier > 1) waitMs = Math.min(waitMs, maxWaitDurationInOpenStateMs);
		this.openings++;
		this.lessons.push(...this.lessonsOfNow(now));
		this.current = generation('open', now + Math.ceil(waitMs));
	}
}

const generation = (state: Generation['state'], openUntil = 0): Generation => ({
	state,
	openUntil,
	calls: [],
	probes: new Map(),
});

const isOut = ({ verdict, ignored }: Probe): boolean => !verdict && !ignored;

/** Thresholds are given with at most one decimal; all is compared in thousandths, in whole numbers. */
function reaches(
	calls: readonly Call[],
	figure: 'failed' | 'slow',
	threshold: number,
	outOf: number,
): boolean {
	const bad = calls.filter((call) => call[figure]).length;
	return threshold > 0 && bad > 0 && bad * 1_000 >= Math.round(threshold * 10) * outOf;
}
