/** As far as JSON Schema is used by tools. */
export interface Schema {
	readonly type?: string | readonly string[];
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly required?: readonly string[];
	readonly items?: Schema;
	readonly anyOf?: readonly Schema[];
	readonly enum?: readonly unknown[];
	readonly [keyword: string]: unknown;
}

/** Of what is bound from above and from below. */
const MOST = ['maximum', 'maxLength', 'maxItems'] as const;
const LEAST = ['minimum', 'minLength', 'minItems'] as const;

/** What was accepted before and is not any more. @param at where, for the answers. */
export function inputBreaks(before: Schema, after: Schema, at = 'input'): string[] {
	const taken = Object.keys(before.properties ?? {});
	return [
		...typesOf(before)
			.filter((type) => !typesOf(after).includes(type))
			.map((type) => `${at}: ${type} is not accepted`),
		...(before.enum && after.enum
			? before.enum.filter((value) => !after.enum!.includes(value))
			: []
		).map((value) => `${at}: ${String(value)} is not accepted`),
		...(!before.enum && after.enum ? [`${at}: only some values are accepted`] : []),
		...MOST.filter((key) => numberOf(after, key, Infinity) < numberOf(before, key, Infinity)).map(
			(key) => `${at}: ${key} is less`,
		),
		...LEAST.filter(
			(key) => numberOf(after, key, -Infinity) > numberOf(before, key, -Infinity),
		).map((key) => `${at}: ${key} is more`),
		...(after.pattern !== undefined && after.pattern !== before.pattern
			? [`${at}: another pattern`]
			: []),
		...(after.required ?? [])
			.filter((name) => !before.required?.includes(name))
			.map((name) => `${at}.${name}: is required`),
		...taken.flatMap((name) =>
			after.properties?.[name]
				? inputBreaks(before.properties![name]!, after.properties[name], `${at}.${name}`)
				: [`${at}.${name}: is no parameter any more`],
		),
		...(before.items && after.items ? inputBreaks(before.items, after.items, `${at}[]`) : []),
	];
}

/** What was promised before and is not any more. Values may be added to an enumeration, and properties anywhere. */
export function outputBreaks(before: Schema, after: Schema, at = 'output'): string[] {
	return [
		...typesOf(after)
			.filter((type) => !typesOf(before).includes(type))
			.map((type) => `${at}: may be ${type}`),
		...(before.required ?? [])
			.filter((name) => !after.required?.includes(name))
			.map((name) => `${at}.${name}: may be missing`),
		...Object.entries(before.properties ?? {}).flatMap(([name, schema]) =>
			after.properties?.[name]
				? outputBreaks(schema, after.properties[name], `${at}.${name}`)
				: [`${at}.${name}: is gone`],
		),
		...(before.items && after.items ? outputBreaks(before.items, after.items, `${at}[]`) : []),
	];
}

/** Of what it, or what it may be, is made. */
const typesOf = ({ type, anyOf = [] }: Schema): readonly string[] => [
	...(type === undefined ? [] : [type].flat()),
	...anyOf.flatMap(typesOf),
];

const numberOf = (schema: Schema, key: string, otherwise: number): number =>
	(schema[key] as number | undefined) ?? otherwise;
