import { once } from 'node:events';

import { StoreError } from '../../core/errors';
import { SourceUnavailableError, type SourceName } from '../../core/stack';
import { explain, RedisConnection, type RedisClient, type RedisSettings } from '../redis';
import { missingRights } from './missing-rights';
import type { QueueSettings } from './stack-settings';

/** Half a second's work for a long queue, on a machine that is busy. */
const COMMAND_TIMEOUT_MS = 3_000;

/** Longest wait for a lost connection that listens, in ms. */
const READY_TIMEOUT_MS = 3_000;

/** Asks the Redis of n8n's queue. */
export class RedisSession {
	private readonly connection: RedisConnection;

	/** Does not connect before something is asked. */
	constructor(
		private readonly settings: RedisSettings,
		private readonly queue: QueueSettings,
	) {
		this.connection = new RedisConnection(settings, undefined, COMMAND_TIMEOUT_MS);
	}

	/**
	 * Asks once more where the connection was lost meanwhile, so a question must bear that.
	 * @throws {SourceUnavailableError} without the question, in which there may be a secret.
	 */
	async ask<T>(source: SourceName, question: (client: RedisClient) => Promise<T>): Promise<T> {
		try {
			return await this.withClient(question);
		} catch (error) {
			throw this.unavailable(source, error);
		}
	}

	/**
	 * A client that can subscribe, and does nothing else.
	 * @throws {SourceUnavailableError}
	 */
	async listener(source: SourceName): Promise<RedisClient> {
		try {
			const listener = await this.connection.listen();
			if (listener.status !== 'ready')
				await once(listener, 'ready', { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
			return listener;
		} catch (error) {
			const isLate = error instanceof Error && error.name === 'AbortError';
			throw this.unavailable(source, isLate ? new Error('the connection was lost') : error);
		}
	}

	/** What an error of this Redis means to who asked. */
	unavailable(source: SourceName, error: unknown): SourceUnavailableError {
		if (error instanceof SourceUnavailableError) return error;
		const { message, remedy } = explain(error, COMMAND_TIMEOUT_MS);
		const rights = missingRights(error, this.settings.username ?? 'default', this.queue);
		return new SourceUnavailableError(source, message, rights ?? remedy);
	}

	close(): void {
		this.connection.close();
	}

	private async withClient<T>(question: (client: RedisClient) => Promise<T>): Promise<T> {
		await this.connection.ready();
		try {
			return await question(this.connection.client);
		} catch (error) {
			const { code, message } = explain(error);
			if (code !== 'STORE_UNREACHABLE') throw error;
			// What did not answer in time would not do so at once.
			if (message.includes('did not answer')) {
				this.connection.giveUp();
				throw error;
			}
			await this.connection.ready();
			return await question(this.connection.client);
		}
	}
}

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
