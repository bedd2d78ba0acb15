import type { Clock } from '../../core/ports';

/** Queued requests of this process that sleep until their turn may have come. */
export class WaitingRoom {
	private readonly waiting = new Map<string, () => void>();

	constructor(private readonly clock: Clock) {}

	/** Resolves when `wake` is called for the request, or after `maxMs`. */
	wait(permitId: string, maxMs: number): Promise<void> {
		return new Promise((resolve) => {
			const cancelTimer = this.clock.schedule(() => this.wake(permitId), maxMs);
			this.waiting.set(permitId, () => {
				cancelTimer();
				resolve();
			});
		});
	}

	wake(permitId: string): void {
		this.waiting.get(permitId)?.();
		this.waiting.delete(permitId);
	}
}
