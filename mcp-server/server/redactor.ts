import { TOKENS } from '../../core/access';
import type { OwnWords } from './own-words';

const SHOWN = '[secret]';

/** Shorter texts stand in too many others by chance. */
const SHORTEST_SECRET = 4;

/** Secrets that are shorter are looked for as whole words only, in characters. */
const LONG_SECRET = 8;

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/**
 * Replaces known secrets, and what looks like a token, in whatever is about to leave the server: a second guard, behind not
 * putting them there.
 */
export class Redactor {
	private readonly known: readonly RegExp[];

	/** @param own what the server says of itself: to replace it there would tell that it is a secret. */
	constructor(
		secrets: readonly string[],
		private readonly own?: OwnWords,
	) {
		const forms = secrets
			.filter((secret) => secret.length >= SHORTEST_SECRET && !own?.isSaid(secret))
			.flatMap((secret) => [secret, encodeURIComponent(secret), escaped(secret)]);
		// A secret may be a part of another.
		const longestFirst = [...new Set(forms)].sort((one, other) => other.length - one.length);
		// Of tokens only hashes are known.
		this.known = [TOKENS, ...longestFirst.map(patternOf)];
	}

	text(text: string): string {
		return this.known.reduce((left, secret) => left.replace(secret, SHOWN), text);
	}

	/** The same plain data without secrets in its texts and names; what a schema or a format fixes stays. */
	data<T>(data: T): T {
		return this.within(data) as T;
	}

	private within(data: unknown): unknown {
		if (typeof data === 'string') return this.unlessFixed(data);
		if (Array.isArray(data)) return data.map((entry) => this.within(entry));
		if (typeof data !== 'object' || data === null) return data;
		const entries = Object.entries(data);
		return Object.fromEntries(
			entries.map(([name, value]) => [this.unlessFixed(name), this.within(value)]),
		);
	}

	private unlessFixed(text: string): string {
		return this.own?.isFixed(text) || TIME.test(text) ? text : this.text(text);
	}
}

function patternOf(form: string): RegExp {
	const exact = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
	const isLong = form.length >= LONG_SECRET;
	return new RegExp(isLong ? exact : `(?<![\\p{L}\\p{N}_])${exact}(?![\\p{L}\\p{N}_])`, 'gu');
}

/** As it stands within JSON. */
const escaped = (secret: string): string => JSON.stringify(secret).slice(1, -1);
