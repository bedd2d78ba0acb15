/** Stops a scheduled callback; does nothing when it already ran. */
export type CancelTimer = () => void;

/** The only source of time. Production uses the system's clock, tests a fake one. */
export interface Clock {
	/** Milliseconds since the Unix epoch. */
	now(): number;

	/** Runs `callback` once after `delayMs` (>= 0). */
	schedule(callback: () => void, delayMs: number): CancelTimer;
}
