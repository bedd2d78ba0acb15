import { Cluster, type Redis } from 'ioredis';

import type { StoreError } from '../../../core/errors';
import { COMMAND_TIMEOUT_MS, createClient, type RedisClient } from './create-client';
import { explain, isOfSentinels, isReply } from './explain';
import type { RedisSettings } from './redis-settings';
import { slotOf } from './slot-of';

/** A connection that was not used for this long closes until it is used again, in ms. */
const IDLE_MS = 60_000;

/** Longest wait for a connection, in ms: a client may look for a master for ever. */
const READY_TIMEOUT_MS = 3_000;

/** A connection to Redis that connects when it is first used, again by itself when it is lost, and closes when idle. */
export class RedisConnection {
	private commands: RedisClient;
	private listener: RedisClient | undefined;
	private connecting: Promise<void> | undefined;
	private idleTimer: NodeJS.Timeout | undefined;
	private isUsed = true;
	private readyAt = 0;
	private closedTimes = 0;
	/** What went wrong with each client since it had a connection. */
	private readonly troubles = new WeakMap<RedisClient, StoreError>();

	constructor(
		private readonly settings: RedisSettings,
		private readonly idleMs = IDLE_MS,
		private readonly commandTimeoutMs = COMMAND_TIMEOUT_MS,
	) {
		this.commands = this.createCommands();
	}

	/** To be asked for whenever a command is to be sent, which keeps the connection open. */
	get client(): RedisClient {
		this.isUsed = true;
		return this.commands;
	}

	/** Whether commands can be sent now. */
	get isReady(): boolean {
		const { commands } = this;
		// A connection that is being closed still says that it is ready.
		return commands.status === 'ready' && (commands instanceof Cluster || commands.stream.writable);
	}

	/** Whether nothing has been tried yet, or the connection was closed because nobody used it. */
	get isClosed(): boolean {
		// With Sentinel a client may end by itself while masters change.
		return ['wait', 'end'].includes(this.commands.status);
	}

	/** How often it was closed. What was asked before that is not to be asked again, which would open it anew. */
	get closings(): number {
		return this.closedTimes;
	}

	/** The master that keeps a key, as far as is known; the same for all keys where Redis is no cluster. */
	masterOf(key: string): string {
		const { commands } = this;
		return commands instanceof Cluster ? (commands.slots[slotOf(key)]?.[0] ?? '') : '';
	}

	/** Whether there are keys that this master keeps, as far as is known. */
	isMaster(master: string): boolean {
		const { commands } = this;
		if (!(commands instanceof Cluster) || commands.slots.length === 0) return true;
		return commands.slots.some(([keeper]) => keeper === master);
	}

	/**
	 * Resolves when commands can be sent.
	 * @throws {StoreError} when an attempt to connect fails; further ones follow all the same.
	 */
	async ready(): Promise<void> {
		if (this.isReady) return;
		this.connecting ??= this.connect();
		try {
			await this.connecting;
		} finally {
			this.connecting = undefined;
		}
	}

	/**
	 * Makes a new connection in place of one on which an answer is overdue: it may be dead, or what comes on it later be
	 * taken for the answer to another request.
	 */
	giveUp(): void {
		const { commands } = this;
		// A younger one is not the one on which the request was sent. Those of a cluster give up by themselves.
		const isOld = performance.now() - this.readyAt >= this.commandTimeoutMs;
		if (isOld && commands.status === 'ready' && !(commands instanceof Cluster))
			commands.stream.destroy();
	}

	/** To be asked one by one: those of a cluster, as far as is known, always in the same order; or the only one. */
	get masters(): readonly Redis[] {
		const { client } = this;
		if (!(client instanceof Cluster)) return [client];
		const placeOf = ({ options: { host, port } }: Redis): string => `${host}:${port}`;
		return client.nodes('master').sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
	}

	/** Gives a library of functions to all masters that can be reached. */
	async loadLibrary(source: string): Promise<void> {
		const { masters } = this;
		const loaded = await Promise.allSettled(
			masters.map((master) => master.call('FUNCTION', 'LOAD', 'REPLACE', source)),
		);
		const failures = loaded.filter((result) => result.status === 'rejected');
		if (failures.length === loaded.length) throw failures[0]?.reason ?? new Error('No master');
	}

	/**
	 * Another client for what comes unasked, as soon as it can subscribe. Who subscribes does so again when it is `ready`
	 * again.
	 * @throws {StoreError} when an attempt to connect fails; further ones follow all the same.
	 */
	async listen(): Promise<RedisClient> {
		if (!this.listener || this.listener.status === 'end') this.listener = this.createClient();
		const { listener } = this;
		if (listener.status === 'ready') return listener;
		const next = this.nextReady(listener);
		// What becomes of it, the events tell.
		if (listener.status === 'wait') listener.connect().catch(() => undefined);
		await next;
		return listener;
	}

	/** Ends all connections; the next use connects again. */
	close(): void {
		this.closedTimes++;
		clearInterval(this.idleTimer);
		this.idleTimer = undefined;
		const { commands, listener } = this;
		// A client of a cluster does not say for certain that it has ended, and may not connect again.
		this.commands = this.createCommands();
		this.listener = undefined;
		commands.disconnect();
		listener?.disconnect();
	}

	private createCommands(): RedisClient {
		return this.createClient().on('ready', () => (this.readyAt = performance.now()));
	}

	private createClient(): RedisClient {
		const client = createClient(this.settings, this.commandTimeoutMs);
		// Without a listener an error would be printed, with all that it holds.
		let isEnded = false;
		client.on('connecting', () => (isEnded = false));
		client.on('error', (error: unknown) => {
			// What comes of its end tells nothing.
			if (isEnded) return;
			this.troubles.set(client, explain(error));
			isEnded = isOfDatabase(error) && !(client instanceof Cluster);
			if (isEnded) end(client as Redis);
		});
		client.on('ready', () => this.troubles.delete(client));
		return client;
	}

	private closeIfIdle(): void {
		if (this.isUsed) this.isUsed = false;
		else this.close();
	}

	private async connect(): Promise<void> {
		const next = this.nextReady(this.commands);
		if (this.isClosed) {
			this.idleTimer ??= setInterval(() => this.closeIfIdle(), this.idleMs).unref();
			// What becomes of it, the events tell.
			this.commands.connect().catch(() => undefined);
		}
		await next;
	}

	/** Waits until the attempt to connect that is under way, or the next one, has ended. */
	private nextReady(of: RedisClient): Promise<void> {
		const client: NodeJS.EventEmitter = of;
		return new Promise((resolve, reject) => {
			let isTrying = ['connecting', 'connect'].includes(of.status);
			const end = (settle: () => void): void => {
				clearTimeout(timer);
				client.off('ready', onReady);
				client.off('connecting', onConnecting);
				client.off('close', onClose);
				client.off('end', fail);
				client.off('error', onError);
				settle();
			};
			const fail = (): void =>
				end(() => reject(this.troubles.get(of) ?? explain(new Error('the connection was closed'))));
			const onReady = (): void => end(resolve);
			const onConnecting = (): void => void (isTrying = true);
			const onClose = (): void => {
				if (isTrying) fail();
			};
			// Looking for a master, a client tells of no other end of an attempt.
			const onError = (error: unknown): void => {
				if (isOfSentinels(error)) fail();
			};
			const timer = setTimeout(fail, READY_TIMEOUT_MS);
			client.on('ready', onReady);
			client.on('connecting', onConnecting);
			client.on('close', onClose);
			client.on('end', fail);
			client.on('error', onError);
		});
	}
}

/** Whether Redis has not the database that is set, or does not let us use it. The client would go on in the first one. */
const isOfDatabase = (error: unknown): boolean =>
	isReply(error) && (error as { command?: { name?: string } }).command?.name === 'select';

/** At once, so that nothing is asked of it any more. */
function end(client: Redis): void {
	client.disconnect();
	client.stream.destroy();
}
