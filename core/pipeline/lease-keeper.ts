import type { Awaitable, CancelTimer, Clock, Holding, Permit } from '../ports';

/** Where leases are renewed. */
interface Lessor<Held> {
	extend(held: Held, leaseMs: number): Awaitable<Holding>;
}

/**
 * Keeps the leases of running work alive with one timer for all of them. Work that ends calls `release`; a process
 * that dies renews nothing, and the store takes its permits back when the leases run out.
 */
export class LeaseKeeper<Held = Permit> {
	private readonly held = new Map<Held, (() => void) | undefined>();
	private stopTimer: CancelTimer | undefined;

	constructor(
		private readonly store: Lessor<Held>,
		private readonly clock: Clock,
		/** Length of a lease, in ms; it is renewed after a third of it. */
		readonly leaseMs: number,
	) {}

	/** Renews the lease until `release`; calls `onLost` once when the store says that something of it is no longer held. */
	keep(held: Held, onLost?: () => void): void {
		this.held.set(held, onLost);
		this.stopTimer ??= this.clock.schedule(() => this.renewAll(), this.leaseMs / 3);
	}

	release(held: Held): void {
		this.held.delete(held);
		if (this.held.size > 0) return;
		this.stopTimer?.();
		this.stopTimer = undefined;
	}

	private renewAll(): void {
		this.stopTimer = this.clock.schedule(() => this.renewAll(), this.leaseMs / 3);
		for (const [held, onLost] of this.held) void this.renew(held, onLost);
	}

	private async renew(held: Held, onLost: (() => void) | undefined): Promise<void> {
		let holding: Holding = 'held';
		try {
			holding = await this.store.extend(held, this.leaseMs);
		} catch {
			// A store that cannot be reached is asked again at the next turn; until then the lease runs on.
		}
		if (holding === 'held' || !this.held.has(held)) return;
		// One of its policies has moved on, such as a breaker that tripped; a slot may be held all the same.
		this.held.set(held, undefined);
		onLost?.();
	}
}
