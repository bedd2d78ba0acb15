import { shorten } from './shorten';

const LONGEST_LINE = 1_000;
const LONGEST_NAME = 100;

/** What breaks a line, or changes how what follows is read; joiners are parts of letters and pictures. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text that others wrote as one line of ours, so that it cannot pass for another: at most 1,000 characters. */
export const oneLine = (text: string): string =>
	shorten(text, LONGEST_LINE).toWellFormed().replace(UNSEEN, escaped);

/** A name that others gave, in quotes of which it cannot break out: at most 100 characters. */
export const quoted = (name: string): string =>
	JSON.stringify(shorten(name, LONGEST_NAME)).replace(UNSEEN, escaped);

const escaped = (character: string): string =>
	`\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
