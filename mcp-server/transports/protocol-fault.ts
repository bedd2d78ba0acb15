import { BulwarkError } from '../../core/errors';

/** A message that the protocol's library could not serve: as a rule the client's fault. */
class ProtocolFault extends BulwarkError {
	readonly code = 'PROTOCOL_FAULT';

	constructor(cause: Error) {
		super(cause.message, 'Correct what the client sends');
		this.cause = cause;
	}
}

/** Tells what the protocol's library raises of a client from what is thrown by our own code, which it runs. */
export class LibraryErrors {
	private readonly own = new WeakSet<Error>();

	constructor(private readonly onError: (error: Error) => void) {}

	/** Runs code of ours within the library. */
	ours<T>(run: () => T): T {
		try {
			return run();
		} catch (error) {
			this.own.add(error as Error);
			throw error;
		}
	}

	/** Is told what the library raises. */
	readonly raised = (error: Error): void =>
		this.onError(this.own.has(error) ? error : new ProtocolFault(error));
}
