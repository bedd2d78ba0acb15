import { BulwarkError } from '../../core/errors';

/** A message that the protocol's library could not serve: as a rule the client's fault. */
export class ProtocolFault extends BulwarkError {
	readonly code = 'PROTOCOL_FAULT';

	constructor(cause: Error) {
		super(cause.message, 'Correct what the client sends');
		this.cause = cause;
	}
}
