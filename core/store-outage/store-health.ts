import type { CancelTimer, Clock } from '../ports';
import type { StoreEvent } from './store-event';

/** How long until a store that is down is tried again, in ms: at first, and at most. */
const FIRST_PROBE_MS = 100;
const LONGEST_PROBE_MS = 1_000;

/**
 * Whether a shared store can be reached. One failed request is proof enough; then nobody is kept waiting for it until
 * it has answered a probe.
 */
export class StoreHealth {
	private lostAt: number | undefined;
	private stopProbing: CancelTimer | undefined;

	constructor(
		private readonly clock: Clock,
		/** Resolves when the store answers. */
		private readonly probe: () => Promise<unknown>,
		private readonly tell: (event: StoreEvent) => void = () => undefined,
	) {}

	get isDown(): boolean {
		return this.lostAt !== undefined;
	}

	/** A request failed. */
	noteLoss(error: unknown): void {
		if (this.lostAt !== undefined) return;
		const at = this.clock.now();
		this.lostAt = at;
		this.tell({
			type: 'store-lost',
			at,
			reason: error instanceof Error ? error.message : String(error),
		});
		this.probeIn(FIRST_PROBE_MS);
	}

	/** Ends all probing. */
	stop(): void {
		this.stopProbing?.();
		this.stopProbing = undefined;
	}

	private probeIn(ms: number): void {
		this.stopProbing = this.clock.schedule(() => void this.tryOnce(ms), ms);
	}

	private async tryOnce(ms: number): Promise<void> {
		try {
			await this.probe();
		} catch {
			if (this.stopProbing) this.probeIn(Math.min(LONGEST_PROBE_MS, 2 * ms));
			return;
		}
		const at = this.clock.now();
		const downMs = at - this.lostAt!;
		this.lostAt = undefined;
		this.tell({ type: 'store-back', at, downMs });
	}
}
