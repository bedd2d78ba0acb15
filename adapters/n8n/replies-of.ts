import { StoreError } from '../../core/errors';

/** The answers to what was sent together; fails with the first that is an error. */
export async function repliesOf(sent: {
	exec(): Promise<Array<[error: Error | null, reply: unknown]> | null>;
}): Promise<unknown[]> {
	const results = await sent.exec().catch((error: unknown) => {
		// A transaction only says that it was given up; why, the command says that was refused.
		const { previousErrors } = error as { previousErrors?: readonly Error[] };
		throw previousErrors?.[0] ?? error;
	});
	if (!results) throw new StoreError('STORE_FAILED', 'Redis gave up a transaction', 'Ask again');
	return results.map(([error, reply]) => {
		if (error) throw error;
		return reply;
	});
}
