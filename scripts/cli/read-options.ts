import { parseArgs, type ParseArgsConfig } from 'node:util';

import { Problem } from '../n8n/index.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Reads a command line; throws a Problem that says what is wrong with it. */
export function parseOptions<const T extends Options>(
	command: string,
	args: readonly string[],
	options: T,
) {
	try {
		return parseArgs({ args: [...args], allowNegative: true, options }).values;
	} catch (error) {
		throw new Problem((error as Error).message, `\`${command} -- --help\` lists the options.`);
	}
}

/** Reads an option that is a whole number within bounds, both included. */
export function readWholeNumber(
	option: string,
	given: string,
	[from, to]: readonly [number, number],
): number {
	const number = Number(given);
	if (/^\d+$/.test(given) && number >= from && number <= to) return number;
	throw new Problem(
		`${option} is "${given}", which is no whole number from ${from} to ${to}.`,
		`Give one, such as ${option} ${from}, or leave ${option} out.`,
	);
}

export const PORTS = [1, 65_535] as const;
