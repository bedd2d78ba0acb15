import { quoted } from '../one-line';
import { kindInWords } from '../policy-registry';
import type { SeenState } from './policy-states';

/** A state of a policy for people. Where it has no shared name, it is called after its place. */
export function titleOf({
	policy: { kind, name },
	by,
	key,
}: Omit<SeenState, 'found' | 'seenAt'>): string {
	const words = `${kindInWords(kind)} ${name === by.id ? by.title : quoted(name)}`;
	return key === '' ? words : `${words} for key ${quoted(key)}`;
}
