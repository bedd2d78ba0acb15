import { Cluster, type Redis } from 'ioredis';

import { createClient, type RedisClient } from './create-client';
import type { RedisSettings } from './redis-settings';

/** A connection to Redis that connects when it is first used, and again by itself. */
export class RedisConnection {
	readonly client: RedisClient;
	private listener: RedisClient | undefined;
	private connecting: Promise<void> | undefined;

	constructor(private readonly settings: RedisSettings) {
		this.client = createClient(settings);
		ignoreErrors(this.client);
	}

	/** Whether commands can be sent now. */
	get isReady(): boolean {
		return this.client.status === 'ready';
	}

	/** Resolves when commands can be sent; rejects when the first attempt to connect fails. */
	async ready(): Promise<void> {
		if (this.isReady) return;
		this.connecting ??= this.client.status === 'wait' ? this.client.connect() : this.nextReady();
		try {
			await this.connecting;
		} finally {
			this.connecting = undefined;
		}
	}

	/** Gives a library of functions to all masters. */
	async loadLibrary(source: string): Promise<void> {
		const { client } = this;
		const masters = client instanceof Cluster ? client.nodes('master') : [client];
		await Promise.all(masters.map((master) => master.call('FUNCTION', 'LOAD', 'REPLACE', source)));
	}

	/** Another client for what comes unasked; it listens to everything that it is subscribed to after a reconnect, too. */
	async listen(): Promise<RedisClient> {
		if (!this.listener) {
			this.listener = createClient(this.settings);
			ignoreErrors(this.listener);
			await this.listener.connect();
		}
		return this.listener;
	}

	close(): void {
		this.client.disconnect();
		this.listener?.disconnect();
	}

	private nextReady(): Promise<void> {
		return new Promise((resolve, reject) => {
			const client = this.client as Redis;
			const settle = (end: () => void) => () => {
				client.off('ready', onReady);
				client.off('close', onClose);
				end();
			};
			const onReady = settle(resolve);
			const onClose = settle(() => reject(new Error('The connection to Redis was closed')));
			client.once('ready', onReady);
			client.once('close', onClose);
		});
	}
}

/** Commands report what goes wrong; without a listener Node would print it a second time. */
const ignoreErrors = (client: RedisClient): void => void client.on('error', () => undefined);
