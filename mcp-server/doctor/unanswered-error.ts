import { BulwarkError } from '../../core/errors';

/** A source answers, but not with what it is asked for. */
export class UnansweredError extends BulwarkError {
	readonly code = 'UNANSWERED';
}
