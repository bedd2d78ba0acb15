/** Which keys' service is down, and until when. */
export class Outages {
	private everything: number | undefined;

	private readonly keys = new Map<string, number>();

	/** Takes one key's service down until a time (`Infinity`: until brought up), or every service. */
	takeDown(key: string | undefined, untilMs: number): void {
		if (key === undefined) this.everything = untilMs;
		else this.keys.set(key, untilMs);
	}

	/** Brings one key's service up again, or every service. */
	bringUp(key: string | undefined): void {
		if (key !== undefined) {
			this.keys.delete(key);
			return;
		}
		this.everything = undefined;
		this.keys.clear();
	}

	isDown(key: string, nowMs: number): boolean {
		return nowMs < (this.everything ?? -Infinity) || nowMs < (this.keys.get(key) ?? -Infinity);
	}
}
