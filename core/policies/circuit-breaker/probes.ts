import type { CircuitBreakerOptions } from './options';

/**
 * The probes of one half-open generation: at most `permittedNumberOfCallsInHalfOpenState` are ever started in it.
 * Each is a lease, so that a caller that dies cannot hold the breaker half-open for ever.
 */
export class Probes {
	started = 0;
	private succeeded = 0;
	private failed = 0;
	private slow = 0;
	private readonly leases = new Map<string, number>();

	holds(permitId: string, now: number): boolean {
		return (this.leases.get(permitId) ?? 0) > now;
	}

	hold(permitId: string, leaseUntil: number): void {
		this.leases.set(permitId, leaseUntil);
	}

	start(permitId: string, leaseUntil: number): void {
		this.started++;
		this.leases.set(permitId, leaseUntil);
	}

	/** The probe told nothing, so another may take its place. */
	giveBack(permitId: string): void {
		this.started--;
		this.leases.delete(permitId);
	}

	finish(permitId: string, failed: boolean, slow: boolean): void {
		this.leases.delete(permitId);
		if (failed) this.failed++;
		else this.succeeded++;
		if (slow) this.slow++;
	}

	/** When the last running probe's lease ends; `now` or earlier when none is running. */
	lastLeaseEnd(): number {
		let last = 0;
		for (const end of this.leases.values()) last = Math.max(last, end);
		return last;
	}

	/**
	 * What the finished probes say under the failure rate threshold of the moment: enough went wrong to open, all went
	 * well enough to close, or not known yet.
	 */
	verdict(
		options: CircuitBreakerOptions,
		failureRateThreshold: number,
	): 'open' | 'close' | 'undecided' {
		const { permittedNumberOfCallsInHalfOpenState: permitted, slowCallRateThreshold } = options;
		// Without a rate rule a single failed probe is proof enough.
		const failing =
			failureRateThreshold > 0 ? this.failed * 100 >= failureRateThreshold * permitted : true;
		if (this.failed > 0 && failing) return 'open';
		const slow = slowCallRateThreshold > 0 && this.slow * 100 >= slowCallRateThreshold * permitted;
		if (this.slow > 0 && slow) return 'open';
		return this.succeeded + this.failed >= permitted ? 'close' : 'undecided';
	}
}
