const SHOWN = '[secret]';

/** Shorter texts stand in too many others by chance. */
const SHORTEST_SECRET = 4;

/** Replaces known secrets in whatever is about to leave the server: a second guard, behind not putting them there. */
export class Redactor {
	private readonly known: readonly string[];

	constructor(secrets: readonly string[]) {
		const forms = secrets.flatMap((secret) => [
			secret,
			encodeURIComponent(secret),
			escaped(secret),
		]);
		this.known = [...new Set(forms)]
			.filter((form) => form.length >= SHORTEST_SECRET)
			// A secret may be a part of another.
			.sort((one, other) => other.length - one.length);
	}

	text(text: string): string {
		return this.known.reduce((left, secret) => left.replaceAll(secret, SHOWN), text);
	}

	/** The same plain data without secrets in its texts, nor in its names. */
	data<T>(data: T): T {
		return this.known.length === 0 ? data : (this.within(data) as T);
	}

	private within(data: unknown): unknown {
		if (typeof data === 'string') return this.text(data);
		if (Array.isArray(data)) return data.map((entry) => this.within(entry));
		if (typeof data !== 'object' || data === null) return data;
		const entries = Object.entries(data);
		return Object.fromEntries(
			entries.map(([name, value]) => [this.text(name), this.within(value)]),
		);
	}
}

/** As it stands within JSON. */
const escaped = (secret: string): string => JSON.stringify(secret).slice(1, -1);
