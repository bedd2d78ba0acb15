import { readFileSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The text of a setting; undefined where it is not set. */
export type Read = (name: string) => string | undefined;

/** Reads n8n's settings as n8n does: from `NAME_FILE` where `NAME` is not set. */
export const readerOf =
	(env: Environment): Read =>
	(name) =>
		env[name] ?? fromFile(env[`${name}_FILE`]);

const fromFile = (file: string | undefined): string | undefined =>
	file ? readFileSync(file, 'utf8').trim() : undefined;
