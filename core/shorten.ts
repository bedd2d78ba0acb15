const LONGEST_SHOWN_TEXT = 60;

/** A text as an error may show it: never the whole of a long one. */
export const shorten = (text: string): string =>
	text.length > LONGEST_SHOWN_TEXT ? `${text.slice(0, LONGEST_SHOWN_TEXT)}…` : text;
