const LONGEST_SHOWN_TEXT = 60;

/** A text as an error may show it: never the whole of a long one. @param most in characters, default 60 */
export const shorten = (text: string, most = LONGEST_SHOWN_TEXT): string =>
	text.length > most ? `${text.slice(0, most)}…` : text;
