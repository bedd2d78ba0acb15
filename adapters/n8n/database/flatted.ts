/**
 * Reads what n8n writes with the package `flatted`: a list of values in which every object, list and text inside
 * another is told by its place in the list. Follows only what it is asked for.
 */
export class Flatted {
	private readonly values: readonly unknown[];

	constructor(text: string) {
		const values: unknown = JSON.parse(text);
		this.values = Array.isArray(values) ? values : [];
	}

	/** What is reached from the outermost object by these names; undefined where there is none. */
	at(...names: readonly string[]): unknown {
		let value: unknown = this.values[0];
		for (const name of names) {
			if (typeof value !== 'object' || value === null) return undefined;
			value = this.resolved((value as Record<string, unknown>)[name]);
		}
		return value;
	}

	/** Texts inside an object or list are places. */
	private resolved(value: unknown): unknown {
		return typeof value === 'string' ? this.values[Number(value)] : value;
	}
}
