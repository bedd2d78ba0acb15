import { BulwarkError } from '../errors';
import { quoted } from '../one-line';
import type { PolicyKind } from '../ports';

/** Nobody defines a policy of this kind and name. */
export class UnknownPolicyError extends BulwarkError {
	readonly code = 'POLICY_UNKNOWN';

	constructor(kind: PolicyKind, name: string) {
		super(
			`There is no ${kind} named ${quoted(name)}`,
			'Look up its name in the list of policies; a step makes its policy known when it first runs',
		);
	}
}
