import type { ChainableCommander } from 'ioredis';

import { StoreError } from '../../core/errors';
import { isReply, type RedisClient } from '../redis';

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

/**
 * The answers to questions that are asked in one step, so that nothing changes between two of them. A Redis that is full
 * refuses all that is to be one step, whatever it is: there they are asked one after another in their order.
 */
export async function repliesAtOnce(
	client: RedisClient,
	ask: (sent: ChainableCommander) => void,
): Promise<unknown[]> {
	const asked = (sent: ChainableCommander) => {
		ask(sent);
		return repliesOf(sent);
	};
	try {
		return await asked(client.multi());
	} catch (error) {
		if (!isReply(error) || !error.message.startsWith('OOM ')) throw error;
		return await asked(client.pipeline());
	}
}
