import { shorten } from '../../shorten';
import { flagFrom, numberFrom, textFrom } from './setting-text';
import { isHidden, SETTING_NAMES, SETTING_TYPES, type SettingName } from './setting-types';

type ValueOf<Name extends SettingName> = (typeof SETTING_TYPES)[Name]['type'] extends 'flag'
	? boolean
	: (typeof SETTING_TYPES)[Name]['type'] extends 'number'
		? number
		: string;

/** Settings of one process of n8n, read as n8n reads them. Holds no secret. */
export class N8nSettings {
	private readonly given: ReadonlyMap<SettingName, string>;

	/**
	 * @param of whose they are, such as "n8n main".
	 * @param read the text of a setting; undefined where it is not given.
	 */
	constructor(
		readonly of: string,
		read: (name: string) => string | undefined,
	) {
		this.given = new Map(
			SETTING_NAMES.flatMap((name) => {
				const text = read(name);
				return text === undefined ? [] : [[name, isHidden(name) ? 'given' : text] as const];
			}),
		);
	}

	/** What n8n goes by: the default too where it cannot read what is given. */
	value<Name extends SettingName>(name: Name): ValueOf<Name> {
		const { type, default: fallback } = SETTING_TYPES[name];
		const text = this.given.get(name);
		if (text === undefined) return fallback as ValueOf<Name>;
		if (type === 'flag') return (flagFrom(text) ?? fallback) as ValueOf<Name>;
		if (type === 'number') return (numberFrom(text) ?? fallback) as ValueOf<Name>;
		return textFrom(text) as ValueOf<Name>;
	}

	isGiven(name: SettingName): boolean {
		return this.given.has(name);
	}

	/** For people: what is given, or the default. */
	shown(name: SettingName): string {
		const text = this.given.get(name);
		if (text !== undefined) return shorten(text);
		const fallback = String(SETTING_TYPES[name].default);
		return fallback === '' ? 'not set' : `not set (${fallback})`;
	}
}
