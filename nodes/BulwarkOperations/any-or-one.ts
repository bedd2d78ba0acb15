import type { INodeProperties } from 'n8n-workflow';

import type { ItemParameters } from '../shared/item-parameters';

const ANY = 'any';

/** A parameter by which a list is narrowed to one of several values, or to none of them. */
export interface AnyOrOne<T extends string> {
	readonly property: INodeProperties;
	/** @returns undefined for any. */
	read(parameters: ItemParameters): T | undefined;
}

export function anyOrOne<T extends string>(
	about: Pick<INodeProperties, 'displayName' | 'name' | 'description'>,
	values: readonly T[],
	shown: (value: T) => string = titled,
): AnyOrOne<T> {
	const choices = values.map((value) => ({ name: shown(value), value }));
	return {
		property: {
			...about,
			type: 'options',
			options: [{ name: 'Any', value: ANY }, ...choices],
			default: ANY,
		},
		read(parameters) {
			const chosen = parameters.choice(about.name, [ANY, ...values]);
			return chosen === ANY ? undefined : (chosen as T);
		},
	};
}

/** As n8n writes what can be chosen. */
export const titled = (words: string): string =>
	words.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());
