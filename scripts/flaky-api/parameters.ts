/** A query parameter that cannot be used; answered with 400. */
export class BadParameter extends Error {}

/** Reads a call's query parameters, with defaults; refuses what is out of range. */
export class Parameters {
	constructor(query: URLSearchParams) {
		this.query = query;
	}

	private readonly query: URLSearchParams;

	text(name: string, otherwise: string): string {
		return this.query.get(name) ?? otherwise;
	}

	optionalText(name: string): string | undefined {
		return this.query.get(name) ?? undefined;
	}

	/** A number between `min` and `max`, both included. */
	number(name: string, otherwise: number, min: number, max: number): number {
		const given = this.query.get(name);
		if (given === null || given === '') return otherwise;
		const value = Number(given);
		if (!Number.isFinite(value) || value < min || value > max) {
			throw new BadParameter(`${name} must be a number from ${min} to ${max}, not "${given}"`);
		}
		return value;
	}

	whole(name: string, otherwise: number, min: number, max: number): number {
		const value = this.number(name, otherwise, min, max);
		if (!Number.isInteger(value)) throw new BadParameter(`${name} must be a whole number`);
		return value;
	}

	flag(name: string): boolean {
		const given = this.query.get(name);
		return given !== null && given !== 'false' && given !== '0';
	}

	all(): Record<string, string> {
		return Object.fromEntries(this.query);
	}
}

/** The longest that a call may be held, in ms. */
export const LONGEST_HOLD_MS = 600_000;
