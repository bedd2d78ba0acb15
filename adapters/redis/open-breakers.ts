/**
 * How long a process goes by what it was told, in ms: a breaker that is closed by hand elsewhere lets this process's
 * calls pass at most so much later.
 */
const KNOWN_FOR_MS = 1_000;

/** Those told of longest ago leave. */
const MOST_KNOWN = 10_000;

interface Known {
	readonly toldAt: number;
	readonly openUntil: number;
}

/** Breakers that the store said are open, whose calls need not ask it again. Nothing but time or a hand closes them. */
export class OpenBreakers {
	/** By the name of a breaker's state. */
	private readonly known = new Map<string, Known>();

	get isEmpty(): boolean {
		return this.known.size === 0;
	}

	/** @param askedAt when the store was asked, which may have answered any time later */
	note(state: string, askedAt: number, retryAfterMs: number): void {
		this.known.delete(state);
		this.known.set(state, { toldAt: askedAt, openUntil: askedAt + retryAfterMs });
		if (this.known.size <= MOST_KNOWN) return;
		for (const [oldest] of this.known) {
			this.known.delete(oldest);
			break;
		}
	}

	/** How long a call must wait at least; undefined when the store is to be asked. */
	retryAfterMs(state: string, now: number): number | undefined {
		const known = this.known.get(state);
		if (!known) return undefined;
		const sinceMs = now - known.toldAt;
		// A clock that was set back says nothing.
		if (sinceMs >= 0 && sinceMs < KNOWN_FOR_MS && now < known.openUntil)
			return known.openUntil - now;
		this.known.delete(state);
		return undefined;
	}

	forget(state: string): void {
		this.known.delete(state);
	}
}
