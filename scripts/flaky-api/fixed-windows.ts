interface Window {
	endsMs: number;
	used: number;
}

/** Whether a call fits, and otherwise when the next window begins. */
export interface WindowAnswer {
	admitted: boolean;
	remaining: number;
	/** Milliseconds until the window ends. */
	resetMs: number;
}

/** A quota per key that starts afresh with the first call after its window ended. */
export class FixedWindows {
	private readonly windows = new Map<string, Window>();

	take(key: string, limit: number, periodMs: number, nowMs: number): WindowAnswer {
		let window = this.windows.get(key);
		if (!window || nowMs >= window.endsMs) {
			window = { endsMs: nowMs + periodMs, used: 0 };
			this.windows.set(key, window);
		}
		const admitted = window.used < limit;
		if (admitted) window.used += 1;
		return {
			admitted,
			remaining: Math.max(0, limit - window.used),
			resetMs: window.endsMs - nowMs,
		};
	}

	reset(key: string | undefined): void {
		if (key === undefined) this.windows.clear();
		else this.windows.delete(key);
	}
}
