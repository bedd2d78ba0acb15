/**
 * Half a character, such as a text has that was cut within an emoji, is none in UTF-8: Redis would take every one of them
 * for the same replacement character. So they are written out, behind that character, which is written out itself.
 */
const REPLACEMENT = '\uFFFD';
const WRITTEN_OUT = /\uFFFD|\p{Surrogate}/gu;
const AS_WRITTEN = /\uFFFD([0-9a-f]{4});/g;

/** The text as a part of a key of Redis. No two texts give the same. */
export const wellFormed = (text: string): string =>
	text.isWellFormed() && !text.includes(REPLACEMENT)
		? text
		: text.replace(WRITTEN_OUT, (found) => `${REPLACEMENT}${found.charCodeAt(0).toString(16)};`);

/** The text that `wellFormed` was given. */
export const asGiven = (wellFormedText: string): string =>
	wellFormedText.replace(AS_WRITTEN, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
