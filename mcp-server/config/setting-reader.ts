import { readFileSync } from 'node:fs';

import { flagFrom, numberFrom, textFrom } from '../../core/health/config-lint';

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

export const numberOf = (text: string | undefined) =>
	text === undefined ? undefined : numberFrom(text);

export const flagOf = (text: string | undefined) =>
	text === undefined ? undefined : flagFrom(text);

/** What is empty says nothing. */
export const textOf = (text: string | undefined) =>
	text === undefined ? undefined : textFrom(text) || undefined;
