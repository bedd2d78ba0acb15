import { BulwarkError } from '../../errors';
import { shorten } from '../../shorten';

/** No execution has this id. */
export class UnknownExecutionError extends BulwarkError {
	readonly code = 'EXECUTION_UNKNOWN';

	constructor(id: string) {
		super(
			`There is no execution ${shorten(id)}`,
			'n8n may have deleted it; look up its id in n8n or with find_lost_executions',
		);
	}
}
