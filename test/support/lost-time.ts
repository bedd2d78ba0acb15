import { sharedNow } from './store-workers';

/** Timers of 1 ms are so late at most while nothing is in their way, in ms. */
const USUAL_GAP_MS = 2.5;

/** Notes when this process was at work on something else for long, or got no processor: then nothing can be in time. */
export class LostTime {
	private readonly gaps: Array<{ readonly from: number; readonly to: number }> = [];
	private seenAt = sharedNow();
	private timer = this.watch();

	/** How much of the time between two moments was lost, in ms. */
	between(from: number, to: number): number {
		this.look();
		const lost = this.gaps.map((gap) => {
			const overlapMs = Math.min(to, gap.to) - Math.max(from, gap.from);
			return Math.max(0, overlapMs - USUAL_GAP_MS);
		});
		return lost.reduce((sum, ms) => sum + ms, 0);
	}

	stop(): void {
		clearTimeout(this.timer);
	}

	private watch(): NodeJS.Timeout {
		return setTimeout(() => {
			this.look();
			this.timer = this.watch();
		}, 1);
	}

	private look(): void {
		const now = sharedNow();
		if (now - this.seenAt > USUAL_GAP_MS) this.gaps.push({ from: this.seenAt, to: now });
		this.seenAt = now;
	}
}
