import type { Sha256 } from '../ports';

/** Longest input that is noted whole, and how much of a longer one is, in characters of its JSON. */
const LONGEST_NOTED = 2_048;

/**
 * What a log notes of what a client gave: the whole of it where that is short, else its beginning, size and hash. So who
 * may only look cannot fill the disk.
 */
export function notedInput(input: unknown, sha256: Sha256): unknown {
	const json = JSON.stringify(input) ?? '';
	if (json.length <= LONGEST_NOTED) return input;
	return { begins: json.slice(0, LONGEST_NOTED), length: json.length, sha256: sha256(json) };
}
