import type { Clock } from '../ports';
import type { ClockOffset } from '../ports/stack';

/** An answer, and what it tells of the clock of who gave it. */
export interface TimedAnswer<T> {
	readonly answer: T;
	/** When it was given, at half of the round trip: ms since the epoch by our clock. */
	readonly at: number;
	/**
	 * How a clock goes that showed this time when the answer was given.
	 * @param time ms since the epoch. @param coarseMs how coarse it is: what it leaves out comes on top.
	 * @returns undefined where there is no time, or our own clock was set back meanwhile.
	 */
	clockShowing(time: number | undefined, coarseMs?: number): ClockOffset | undefined;
}

/**
 * Asks for something that tells a time. It was given at some moment between question and answer: halfway is the best guess,
 * and wrong by half of the round trip at most (F. Cristian, "Probabilistic clock synchronization", Distributed Computing 3,
 * 1989).
 */
export async function readClock<T>(clock: Clock, ask: () => Promise<T>): Promise<TimedAnswer<T>> {
	const askedAt = clock.now();
	const answer = await ask();
	const roundTripMs = clock.now() - askedAt;
	const at = askedAt + roundTripMs / 2;
	return {
		answer,
		at,
		clockShowing: (time, coarseMs = 1) =>
			time === undefined || !Number.isFinite(time) || roundTripMs < 0
				? undefined
				: {
						aheadMs: time + coarseMs / 2 - at,
						withinMs: (roundTripMs + coarseMs) / 2,
					},
	};
}
