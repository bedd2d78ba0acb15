import { BulwarkError } from '../errors';

/** The last line of an audit log was altered, so that no other can follow on it. */
export class AuditLogBrokenError extends BulwarkError {
	readonly code = 'AUDIT_LOG_BROKEN';

	constructor(problem: string) {
		super(
			`The last line of the audit log was altered: ${problem}`,
			'bulwark-mcp audit verify says where; find out who altered it, and move its folder to a safe place: a new log is begun',
		);
	}
}
