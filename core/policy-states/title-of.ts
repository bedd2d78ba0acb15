import { quoted } from '../one-line';
import { kindInWords } from '../policy-registry';
import type { WatchedPolicy } from './watched-policies';

/** A state of a policy for people. Where it has no shared name, it is called after its place. */
export function titleOf({
	policy: { kind, name },
	by,
	key,
}: WatchedPolicy & { readonly key: string }): string {
	const words = `${kindInWords(kind)} ${name === by.id ? by.title : quoted(name)}`;
	return key === '' ? words : `${words} for key ${quoted(key)}`;
}
