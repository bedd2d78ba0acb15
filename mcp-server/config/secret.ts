import { inspect } from 'node:util';

const SHOWN = '[secret]';

/** A text that shows itself to nobody who does not ask for it by name. */
export class Secret {
	readonly #text: string;

	constructor(text: string) {
		this.#text = text;
	}

	/** The text itself, for whoever needs it: never for a log, an error or an answer. */
	reveal(): string {
		return this.#text;
	}

	toString(): string {
		return SHOWN;
	}

	toJSON(): string {
		return SHOWN;
	}

	[inspect.custom](): string {
		return SHOWN;
	}
}
