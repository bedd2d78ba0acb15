import { shorten } from '../../shorten';
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
		if (type === 'flag') return flagOf(text, fallback) as ValueOf<Name>;
		if (type === 'number') return numberOf(text, fallback) as ValueOf<Name>;
		return unquoted(text) as ValueOf<Name>;
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

function flagOf(text: string, fallback: boolean): boolean {
	const lower = text.toLowerCase();
	if (lower === 'true' || lower === '1') return true;
	return lower === 'false' || lower === '0' ? false : fallback;
}

function numberOf(text: string, fallback: number): number {
	const isEmpty = unquoted(text).trim() === '';
	return isEmpty || Number.isNaN(Number(text)) ? fallback : Number(text);
}

const unquoted = (text: string): string => text.trim().replace(/^(['"])(.*)\1$/, '$2');
