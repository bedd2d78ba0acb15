import type { OutcomeKind } from '../../../../core/outcome';
import type { BulkheadOptions } from '../../../../core/policies/bulkhead';

/** The time between two falls; a call belongs to the one it was admitted in. */
export type Epoch = object;

interface Event {
	readonly at: number;
	/** Undefined for an admission, which is known by its time only. */
	readonly end?: {
		readonly epoch: Epoch;
		readonly inFlight: number;
		readonly kind: OutcomeKind;
		readonly latencyMs: number;
	};
}

/** All that follows from a history. */
interface Replay {
	limit: number;
	epoch: Epoch;
	/** Since the limit fell or they were last as many as it, or since the last measurement ended. */
	successes: Array<NonNullable<Event['end']>>;
	measuringSince: number;
	/** Mean latency of each measurement, oldest first. */
	measured: number;
	longTermMs: number;
}

/**
 * What an adaptive limit should be, said as plainly as possible: it keeps everything that ever happened and goes
 * through all of it each time.
 */
export class LimitOracle {
	private readonly events: Event[] = [];
	/** Epochs by the event that began them. */
	private readonly epochs = new Map<number, Epoch>();

	constructor(private readonly options: BulkheadOptions) {}

	admit(at: number): Epoch {
		this.events.push({ at });
		return this.replay(at).epoch;
	}

	end(at: number, epoch: Epoch, inFlight: number, kind: OutcomeKind, latencyMs: number): void {
		this.events.push({ at, end: { epoch, inFlight, kind, latencyMs } });
	}

	limit(now: number): number {
		return Math.floor(this.replay(now).limit);
	}

	private replay(now: number): Replay {
		let state: Replay | undefined;
		let lastCallAt = -Infinity;
		const isForgotten = (at: number) => at - lastCallAt >= this.options.idleResetMs;
		for (const [index, event] of this.events.entries()) {
			if (!state || isForgotten(event.at)) state = this.fresh(event.at, index);
			lastCallAt = event.at;
			const { end } = event;
			if (!end || end.epoch !== state.epoch || end.kind === 'ignored') continue;
			if (this.isBad(end)) {
				state.epoch = this.epoch(index);
				state.limit = this.bounded(Math.floor((state.limit * this.options.backoffRatio) / 100));
				if (this.options.strategy === 'aimd') state.successes = [];
			} else if (this.options.strategy === 'aimd') this.succeed(state, end);
			else this.measure(state, end, event.at);
		}
		return state && !isForgotten(now) ? state : this.fresh(now, -1);
	}

	private fresh(at: number, index: number): Replay {
		return {
			limit: this.options.initialConcurrentCalls,
			epoch: this.epoch(index),
			successes: [],
			measuringSince: at,
			measured: 0,
			longTermMs: 0,
		};
	}

	private epoch(index: number): Epoch {
		const known = this.epochs.get(index) ?? {};
		this.epochs.set(index, known);
		return known;
	}

	private isBad({ kind, latencyMs }: NonNullable<Event['end']>): boolean {
		if (kind === 'failure') return true;
		const { strategy, slowCallDurationThresholdMs: slowMs } = this.options;
		return strategy === 'aimd' && slowMs > 0 && (kind === 'slow' || latencyMs >= slowMs);
	}

	private bounded(limit: number): number {
		const { minConcurrentCalls, maxConcurrentCalls } = this.options;
		return Math.min(maxConcurrentCalls, Math.max(minConcurrentCalls, limit));
	}

	private succeed(state: Replay, end: NonNullable<Event['end']>): void {
		state.successes.push(end);
		if (state.successes.length < state.limit) return;
		const wasUsed = state.successes.some(({ inFlight }) => inFlight >= state.limit / 2);
		if (wasUsed) state.limit = this.bounded(state.limit + 1);
		state.successes = [];
	}

	private measure(state: Replay, end: NonNullable<Event['end']>, at: number): void {
		state.successes.push(end);
		if (at - state.measuringSince < 1_000 || state.successes.length < 10) return;
		const { latencyTolerance, queueAllowance, smoothing, longTermMeasurements } = this.options;
		const sum = state.successes.reduce((total, { latencyMs }) => total + latencyMs, 0);
		const most = Math.max(...state.successes.map(({ inFlight }) => inFlight));
		const mean = Math.max(1, sum / state.successes.length);
		state.successes = [];
		state.measuringSince = at;
		const part = 2 / (longTermMeasurements + 1);
		state.longTermMs =
			state.measured < 10
				? (state.longTermMs * state.measured + mean) / (state.measured + 1)
				: state.longTermMs * (1 - part) + mean * part;
		state.measured++;
		if (state.longTermMs / mean > 2) state.longTermMs *= 0.95;
		if (most < state.limit / 2) return;
		const gradient = Math.max(0.5, Math.min(1, (latencyTolerance * state.longTermMs) / mean));
		const wanted = state.limit * gradient + queueAllowance;
		state.limit = this.bounded(state.limit * (1 - smoothing) + wanted * smoothing);
	}
}
