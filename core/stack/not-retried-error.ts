import { BulwarkError } from '../errors';

/** n8n has not begun the retry that it was asked for, and will not. */
export class NotRetriedError extends BulwarkError {
	readonly code = 'NOT_RETRIED';
}
