import { BulwarkError } from '../../../core/errors';

/** n8n was asked, and did not do it. */
export class N8nRefusedError extends BulwarkError {
	readonly code = 'N8N_REFUSED';

	constructor(
		readonly status: number,
		message: string,
		remedy: string,
	) {
		super(message, remedy);
	}
}
