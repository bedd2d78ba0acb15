import { flagFrom, numberFrom, textFrom } from '../../core/health/config-lint';

export const numberOf = (text: string | undefined) =>
	text === undefined ? undefined : numberFrom(text);

export const flagOf = (text: string | undefined) =>
	text === undefined ? undefined : flagFrom(text);

/** What is empty says nothing. */
export const textOf = (text: string | undefined) =>
	text === undefined ? undefined : textFrom(text) || undefined;
