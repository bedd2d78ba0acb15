import type { CancelTimer, Clock, Sha256 } from '../../core/ports';
import type { RequestLimiter } from '../request-limiter';

/** From one note about an address to the next, in ms. */
const NOTED_EVERY_MS = 60_000;

/** Most addresses that are told from one another, and most tokens that are known to have been valid. */
const MOST_KNOWN = 1_000;

const OTHERS = 'other addresses';

/** How often tokens were refused that came from an address. */
export type NoteFailures = (address: string, failures: number) => Promise<void>;

/**
 * Keeps each address to so many refused tokens a minute, and notes them: the first at once, those that follow together a
 * minute later. Tokens that were valid before are looked up all the same, since a proxy is one address.
 */
export class FailedLogins {
	private readonly barredUntil = new Map<string, number>();
	private readonly unnoted = new Map<string, { failures: number; readonly cancel: CancelTimer }>();
	private readonly valid = new Set<string>();

	constructor(
		private readonly limiter: RequestLimiter,
		private readonly clock: Clock,
		private readonly sha256: Sha256,
		private readonly note: NoteFailures,
		private readonly onError: (error: Error) => void,
	) {}

	/** How long no token is looked up that comes from there, in ms; 0 when one may be. */
	waitOf(address: string, token: string): number {
		if (this.valid.has(this.sha256(token))) return 0;
		return Math.max(0, (this.barredUntil.get(address) ?? 0) - this.clock.now());
	}

	succeeded(token: string): void {
		if (this.valid.size >= MOST_KNOWN) this.valid.clear();
		this.valid.add(this.sha256(token));
	}

	async failed(address: string, token: string): Promise<void> {
		this.valid.delete(this.sha256(token));
		const waitMs = this.limiter.waitOf(address);
		if (waitMs > 0) this.bar(address, waitMs);
		await this.count(address);
	}

	/** Notes what is not noted yet. */
	async close(): Promise<void> {
		for (const [address, { failures, cancel }] of this.unnoted) {
			cancel();
			if (failures > 0) await this.note(address, failures);
		}
		this.unnoted.clear();
	}

	private bar(address: string, waitMs: number): void {
		const now = this.clock.now();
		for (const [other, until] of this.barredUntil) if (until <= now) this.barredUntil.delete(other);
		this.barredUntil.set(address, now + waitMs);
	}

	private async count(from: string): Promise<void> {
		const isFull = this.unnoted.size >= MOST_KNOWN && !this.unnoted.has(from);
		const address = isFull ? OTHERS : from;
		const counted = this.unnoted.get(address);
		if (counted) counted.failures++;
		// Who is turned away need not be told that it could not be noted.
		else await this.noteFrom(address, 1).catch(this.onError);
	}

	/** Notes so many, and counts those that follow for a minute. */
	private async noteFrom(address: string, failures: number): Promise<void> {
		const end = () => void this.noteRest(address).catch(this.onError);
		const cancel = this.clock.schedule(end, NOTED_EVERY_MS);
		this.unnoted.set(address, { failures: 0, cancel });
		await this.note(address, failures);
	}

	private async noteRest(address: string): Promise<void> {
		const counted = this.unnoted.get(address);
		if (!counted) return;
		this.unnoted.delete(address);
		if (counted.failures > 0) await this.noteFrom(address, counted.failures);
	}
}
