import { quoted } from '../one-line';
import { showValue } from '../options';
import type { PolicyConflict, PolicyKind } from '../ports';

const KINDS: Readonly<Record<PolicyKind, string>> = {
	'circuit-breaker': 'circuit breaker',
	'breaker-quorum': 'quorum',
	'rate-limiter': 'rate limiter',
	bulkhead: 'bulkhead',
	'retry-budget': 'retry budget',
	timeout: 'timeout',
};

/** A kind of policy in words. */
export const kindInWords = (kind: PolicyKind): string => KINDS[kind];

/** A conflict in words: both places, and option by option what differs. */
export function describeConflict({ newer, older, differences }: PolicyConflict): string {
	const { kind, name } = newer.policy;
	const listed = differences.map(
		({ title, newer: one, older: other }) =>
			`${title} is ${showValue(one)} and ${showValue(other)}`,
	);
	return `The ${KINDS[kind]} ${quoted(name)} is defined in two ways, by ${newer.by.title} and by ${older.by.title}: ${listed.join('; ')}. Give both the same settings, let one refer to the other's as a named policy, or give them two names.`;
}
