import type { Awaitable, CancelTimer, Clock, Holding, Permit } from '../ports';

/** Where leases are renewed. */
interface Lessor<Held> {
	extend(held: Held, leaseMs: number): Awaitable<Holding>;
}

/** What is held, and since when nobody has heard of it, by the clock of this process. */
interface Hold {
	renewedAt: number;
	isOverdue: boolean;
}

/**
 * Keeps the leases of running work alive with one timer for all of them. Work that ends calls `release`; a process
 * that dies renews nothing, and the store takes its permits back when the leases run out. So it does when a process is
 * held up for as long, which tells about it when it goes on.
 */
export class LeaseKeeper<Held = Permit> {
	private readonly holds = new Map<Held, Hold>();
	private stopTimer: CancelTimer | undefined;

	constructor(
		private readonly store: Lessor<Held>,
		private readonly clock: Clock,
		/** Length of a lease, in ms; it is renewed after a third of it. */
		readonly leaseMs: number,
		/** Told once of each lease that was not renewed for longer than it lasts: others may have been let in. */
		private readonly onOverdue: (leases: number) => void = () => undefined,
	) {}

	/** How many leases it keeps. */
	get size(): number {
		return this.holds.size;
	}

	/** Renews the lease until `release`. */
	keep(held: Held): void {
		this.holds.set(held, { renewedAt: this.clock.now(), isOverdue: false });
		this.stopTimer ??= this.clock.schedule(() => this.renewAll(), this.leaseMs / 3);
	}

	release(held: Held): void {
		const hold = this.holds.get(held);
		if (!hold) return;
		if (this.isNewlyOverdue(hold, this.clock.now())) this.onOverdue(1);
		this.holds.delete(held);
		if (this.holds.size > 0) return;
		this.stopTimer?.();
		this.stopTimer = undefined;
	}

	private renewAll(): void {
		this.stopTimer = this.clock.schedule(() => this.renewAll(), this.leaseMs / 3);
		const now = this.clock.now();
		let overdue = 0;
		for (const [held, hold] of this.holds) {
			if (this.isNewlyOverdue(hold, now)) overdue++;
			void this.renew(held, hold, now);
		}
		if (overdue > 0) this.onOverdue(overdue);
	}

	private isNewlyOverdue(hold: Hold, now: number): boolean {
		if (hold.isOverdue || now - hold.renewedAt <= this.leaseMs) return false;
		hold.isOverdue = true;
		return true;
	}

	/** What the store says matters when the work ends: a breaker may have moved on while a slot is held all the same. */
	private async renew(held: Held, hold: Hold, askedAt: number): Promise<void> {
		try {
			await this.store.extend(held, this.leaseMs);
			hold.renewedAt = askedAt;
		} catch {
			// A store that cannot be reached is asked again at the next turn; until then the lease runs on.
		}
	}
}
