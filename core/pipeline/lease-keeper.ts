import type { CancelTimer, Clock, Holding, Permit, PolicyStore } from '../ports';

/**
 * Keeps the leases of running work alive with one timer for all of them. Work that ends calls `release`; a process
 * that dies renews nothing, and the store takes its permits back when the leases run out.
 */
export class LeaseKeeper {
	private readonly held = new Map<Permit, (() => void) | undefined>();
	private stopTimer: CancelTimer | undefined;

	constructor(
		private readonly store: PolicyStore,
		private readonly clock: Clock,
		/** Length of a lease, in ms; it is renewed after a third of it. */
		readonly leaseMs: number,
	) {}

	/** Renews the permit's lease until `release`; calls `onLost` once when the store says that something of it is no longer held. */
	keep(permit: Permit, onLost?: () => void): void {
		this.held.set(permit, onLost);
		this.stopTimer ??= this.clock.schedule(() => this.renewAll(), this.leaseMs / 3);
	}

	release(permit: Permit): void {
		this.held.delete(permit);
		if (this.held.size > 0) return;
		this.stopTimer?.();
		this.stopTimer = undefined;
	}

	private renewAll(): void {
		this.stopTimer = this.clock.schedule(() => this.renewAll(), this.leaseMs / 3);
		for (const [permit, onLost] of this.held) void this.renew(permit, onLost);
	}

	private async renew(permit: Permit, onLost: (() => void) | undefined): Promise<void> {
		let holding: Holding = 'held';
		try {
			holding = await this.store.extend(permit, this.leaseMs);
		} catch {
			// A store that cannot be reached is asked again at the next turn; until then the lease runs on.
		}
		if (holding === 'held' || !this.held.has(permit)) return;
		// One of its policies has moved on, such as a breaker that tripped; a slot may be held all the same.
		this.held.set(permit, undefined);
		onLost?.();
	}
}
