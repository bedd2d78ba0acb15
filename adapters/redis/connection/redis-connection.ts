import { Cluster, type Redis } from 'ioredis';

import { createClient, type RedisClient } from './create-client';
import type { RedisSettings } from './redis-settings';

/** A connection that was not used for this long closes until it is used again, in ms. */
const IDLE_MS = 60_000;

/** A connection to Redis that connects when it is first used, again by itself when it is lost, and closes when idle. */
export class RedisConnection {
	private readonly commands: RedisClient;
	private listener: RedisClient | undefined;
	private connecting: Promise<void> | undefined;
	private idleTimer: NodeJS.Timeout | undefined;
	private isUsed = true;
	private lastError: Error | undefined;

	constructor(
		private readonly settings: RedisSettings,
		private readonly idleMs = IDLE_MS,
	) {
		this.commands = createClient(settings);
		// Commands report what goes wrong; without a listener Node would print it a second time.
		this.commands.on('error', (error: Error) => (this.lastError = error));
	}

	/** To be asked for whenever a command is to be sent, which keeps the connection open. */
	get client(): RedisClient {
		this.isUsed = true;
		return this.commands;
	}

	/** Whether commands can be sent now. */
	get isReady(): boolean {
		return this.commands.status === 'ready';
	}

	/** Whether nothing has been tried yet, or the connection was closed because nobody used it. */
	get isClosed(): boolean {
		return ['wait', 'end'].includes(this.commands.status);
	}

	/** Resolves when commands can be sent; rejects when the first attempt to connect fails. */
	async ready(): Promise<void> {
		if (this.isReady) return;
		this.connecting ??= this.isClosed ? this.open() : this.nextReady();
		this.lastError = undefined;
		try {
			await this.connecting;
		} catch (error) {
			// What ioredis rejects with says only that there is no connection.
			throw this.lastError ?? error;
		} finally {
			this.connecting = undefined;
		}
	}

	/** Resolves when commands can be sent; rejects with what stands in the way. */
	async check(): Promise<void> {
		await this.ready();
		await this.client.ping();
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
			this.listener.on('error', () => undefined);
			await this.listener.connect();
		}
		return this.listener;
	}

	/** Ends all connections; the next use connects again. */
	close(): void {
		clearInterval(this.idleTimer);
		this.idleTimer = undefined;
		this.commands.disconnect();
		this.listener?.disconnect();
		this.listener = undefined;
	}

	private async open(): Promise<void> {
		this.idleTimer ??= setInterval(() => this.closeIfIdle(), this.idleMs).unref();
		await this.commands.connect();
	}

	private closeIfIdle(): void {
		if (this.isUsed) this.isUsed = false;
		else this.close();
	}

	private nextReady(): Promise<void> {
		return new Promise((resolve, reject) => {
			const client = this.commands as Redis;
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
