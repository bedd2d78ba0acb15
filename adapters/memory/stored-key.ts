import { hash } from 'node:crypto';

/** A UUID is kept as it is. A million breakers with keys that are not much longer would take 300 MB. */
const LONGEST_KEPT = 36;

/** V8 makes no slices and no ropes of fewer characters. */
const SHORTEST_SLICE = 13;

/** The last key that was digested: a call looks its key up several times in a row. */
let digested = '';
let digest = '';

/**
 * What a key is looked up by: itself, or a digest if it is long. A digest is longer than any key that is kept as it
 * is, so the two never meet.
 */
export const storedKey = (key: string): string =>
	key.length <= LONGEST_KEPT ? key : digestOf(key);

/** Whether what is stored is the key itself. */
export const isKeptWhole = (stored: string): boolean => stored.length <= LONGEST_KEPT;

/** The same to keep: text of its own, where a key cut out of a larger text would hold on to all of that. */
export const storedKeyToKeep = (key: string): string =>
	key.length < SHORTEST_SLICE || key.length > LONGEST_KEPT
		? storedKey(key)
		: (JSON.parse(JSON.stringify(key)) as string);

function digestOf(key: string): string {
	if (key !== digested) {
		// In JSON, since halves of surrogate pairs are all alike in UTF-8. 224 bits make 38 characters.
		digest = hash('sha224', JSON.stringify(key), 'base64url');
		digested = key;
	}
	return digest;
}
