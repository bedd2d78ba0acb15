/**
 * Reads what n8n writes with the package `flatted`: a list of values in which every object, list and text inside
 * another is told by its place in the list, the outer ones first. Follows only what it is asked for.
 */
export class Flatted {
	private readonly values: readonly unknown[];

	/** @param isWhole false for a text that was cut: it holds what lies on the outside. */
	constructor(
		text: string,
		private readonly isWhole = true,
	) {
		const values: unknown = JSON.parse(isWhole ? text : wholeValuesIn(text));
		this.values = Array.isArray(values) ? values : [];
	}

	/**
	 * What is reached from the outermost object by these names; undefined where there is none.
	 * @throws {CutOffError} where that was cut off.
	 */
	at(...names: readonly string[]): unknown {
		let value: unknown = this.valueAt(0);
		for (const name of names) {
			if (typeof value !== 'object' || value === null) return undefined;
			value = this.resolved((value as Record<string, unknown>)[name]);
		}
		return value;
	}

	/** Texts inside an object or list are places. */
	private resolved(value: unknown): unknown {
		return typeof value === 'string' ? this.valueAt(Number(value)) : value;
	}

	private valueAt(place: number): unknown {
		if (!this.isWhole && place >= this.values.length) throw new CutOffError();
		return this.values[place];
	}
}

export class CutOffError extends Error {}

/** A text of a list of values without the last one, which may be cut. */
function wholeValuesIn(text: string): string {
	let end = 1;
	let depth = 0;
	let isInText = false;
	for (let at = 1; at < text.length; at++) {
		const character = text[at]!;
		if (isInText) {
			if (character === '\\') at++;
			else if (character === '"') isInText = false;
		} else if (character === '"') isInText = true;
		else if ('[{'.includes(character)) depth++;
		else if (']}'.includes(character)) depth--;
		else if (character === ',' && depth === 0) end = at;
	}
	return `${text.slice(0, end)}]`;
}
