import { createHash } from 'node:crypto';

import { commands, includes, requests } from './lua';

export type CommandName = keyof typeof commands;

const names = Object.keys(commands) as CommandName[];

const body = [...includes, ...requests, 'local commands = {}', ...Object.values(commands)].join(
	'\n',
);

const hash = (text: string): string => createHash('sha1').update(text).digest('hex');

/** Another version has another name, so that both can be in use while workers are updated one by one. */
const libraryName = `bulwark_${hash(body).slice(0, 12)}`;

/** The names of commands as functions of the library. */
export const functionNames = Object.fromEntries(
	names.map((name): [CommandName, string] => [name, `${libraryName}_${name}`]),
) as Readonly<Record<CommandName, string>>;

/** All commands as a library of functions (Redis 7), which defines its machines once and not in each call. */
export const library = [
	`#!lua name=${libraryName}`,
	'local register = redis.register_function',
	body,
	...names.map((name) => `register('${functionNames[name]}', commands.${name})`),
].join('\n');

/** The same as a script of its own, for servers without functions. */
export interface Script {
	readonly source: string;
	readonly sha: string;
}

export const scripts = Object.fromEntries(
	names.map((name): [CommandName, Script] => {
		const source = `${body}\nreturn commands.${name}(KEYS, ARGV)`;
		return [name, { source, sha: hash(source) }];
	}),
) as Readonly<Record<CommandName, Script>>;
