import { SourceUnavailableError, type SourceName } from '../../core/stack';
import { explain, RedisConnection, type RedisClient, type RedisSettings } from '../redis';
import { missingRights, type Places } from './missing-rights';
import { bullPrefix } from './bull-keys';
import type { QueueSettings } from './stack-settings';
import { unexpectedValue } from './unexpected-value';

/** Half a second's work for a long queue, on a machine that is busy. */
const COMMAND_TIMEOUT_MS = 3_000;

/** Asks the Redis of n8n's queue. */
export class RedisSession {
	private readonly connection: RedisConnection;
	private readonly places: Places;

	/** Does not connect before something is asked. */
	constructor(settings: RedisSettings, { prefix, registryPrefix }: QueueSettings) {
		this.places = {
			user: settings.username ?? 'default',
			queuePrefix: bullPrefix(prefix, settings.topology.type === 'cluster'),
			registryPrefix,
		};
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
			return await this.connection.listen();
		} catch (error) {
			throw this.unavailable(source, error);
		}
	}

	/** What an error of this Redis means to who asked. */
	unavailable(source: SourceName, error: unknown): SourceUnavailableError {
		if (error instanceof SourceUnavailableError) return error;
		const { code, message, remedy } = explain(error, COMMAND_TIMEOUT_MS);
		if (code === 'STORE_STATE_INVALID')
			return unexpectedValue(source, (error as Error).message, this.places);
		const rights = missingRights(error, this.places);
		return new SourceUnavailableError(source, message, rights ?? remedy);
	}

	close(): void {
		this.connection.close();
	}

	private async withClient<T>(question: (client: RedisClient) => Promise<T>): Promise<T> {
		const { closings } = this.connection;
		await this.connection.ready();
		try {
			return await question(this.connection.client);
		} catch (error) {
			const { code, message } = explain(error);
			if (code !== 'STORE_UNREACHABLE' || this.connection.closings !== closings) throw error;
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
