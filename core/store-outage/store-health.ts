import { StoreError } from '../errors';
import type { CancelTimer, Clock } from '../ports';
import type { StoreEvent } from './store-event';

/** How long until a store that is down is tried again, in ms: at first, and at most. */
const FIRST_PROBE_MS = 100;
const LONGEST_PROBE_MS = 1_000;

/** A store that is lost again so soon was not really back: it is not tried again any sooner than before, in ms. */
const RELAPSE_MS = 10_000;

/**
 * Whether a shared store can be reached. One failed request is proof enough; then nobody is kept waiting for it until
 * it has answered a probe.
 */
export class StoreHealth {
	private lostAt: number | undefined;
	private backAt = -Infinity;
	private probeDelayMs = FIRST_PROBE_MS;
	private readonly backListeners = new Set<() => void>();
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

	/** Calls the listener each time the store is back. */
	onBack(listener: () => void): void {
		this.backListeners.add(listener);
	}

	/** A request failed. What concerns one state only says nothing of others. */
	noteLoss(error: unknown): void {
		if (this.lostAt !== undefined) return;
		const at = this.clock.now();
		const reason = error instanceof Error ? error.message : String(error);
		if (isOfOneState(error)) return this.tell({ type: 'state-invalid', at, reason });
		this.lostAt = at;
		this.tell({ type: 'store-lost', at, reason });
		if (at - this.backAt >= RELAPSE_MS) this.probeDelayMs = FIRST_PROBE_MS;
		this.probeLater();
	}

	/** Ends all probing. */
	stop(): void {
		this.stopProbing?.();
		this.stopProbing = undefined;
	}

	private probeLater(): void {
		this.stopProbing = this.clock.schedule(() => void this.tryOnce(), this.probeDelayMs);
		this.probeDelayMs = Math.min(LONGEST_PROBE_MS, 2 * this.probeDelayMs);
	}

	private async tryOnce(): Promise<void> {
		try {
			await this.probe();
		} catch {
			if (this.stopProbing) this.probeLater();
			return;
		}
		const at = this.clock.now();
		const downMs = at - this.lostAt!;
		this.lostAt = undefined;
		this.backAt = at;
		this.tell({ type: 'store-back', at, downMs });
		for (const listener of this.backListeners) listener();
	}
}

/** Whether a store that failed a request would do others. */
export const isOfOneState = (error: unknown): boolean =>
	error instanceof StoreError && error.code === 'STORE_STATE_INVALID';
