import type { Clock } from '../../core/ports';

/** Longest delay a Node timer can have; longer ones would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The system's clock and timers. */
export const systemClock: Clock = {
	now: Date.now,

	schedule(callback, delayMs) {
		if (delayMs > LONGEST_TIMER_MS) {
			let cancel = systemClock.schedule(() => {
				cancel = systemClock.schedule(callback, delayMs - LONGEST_TIMER_MS);
			}, LONGEST_TIMER_MS);
			return () => cancel();
		}
		const timer = setTimeout(callback, delayMs);
		return () => clearTimeout(timer);
	},
};
