import { createHash } from 'node:crypto';

import { isReply, type RedisClient } from '../../redis';

/** A script that changes the queue in one step. */
export class QueueScript {
	private readonly sha: string;

	constructor(private readonly source: string) {
		this.sha = createHash('sha1').update(source).digest('hex');
	}

	/** Runs it by its hash, with its text where the server does not know it. */
	async run(
		client: RedisClient,
		keys: readonly string[],
		args: ReadonlyArray<string | number>,
	): Promise<unknown> {
		try {
			return await client.evalsha(this.sha, keys.length, ...keys, ...args);
		} catch (error) {
			if (!isReply(error) || !error.message.startsWith('NOSCRIPT')) throw error;
			return await client.eval(this.source, keys.length, ...keys, ...args);
		}
	}
}
