import type { Clock } from '../../core/ports';

/** The part of an ioredis client that listens. */
export interface ListeningClient {
	subscribe(channel: string): Promise<unknown>;
	on(event: 'message', listener: (channel: string, message: string) => void): unknown;
	/** It will not connect again by itself. */
	once(event: 'end', listener: () => void): unknown;
	on(event: 'ready', listener: () => void): unknown;
}

/** A queued request of this process. */
interface Waiting {
	isCalled: boolean;
	resolve: (() => void) | undefined;
}

/**
 * Queued requests of this process, which a script of any process wakes when their turn may have come. A call that was
 * lost costs time only: waiters ask again by themselves.
 */
export class WakeUps {
	private readonly waiting = new Map<string, Waiting>();
	private client: ListeningClient | undefined;
	private listening: Promise<unknown> | undefined;

	constructor(
		/** Made when the first request may have to wait: a connection that listens can do nothing else. */
		private readonly connect: () => Promise<ListeningClient>,
		/** Where scripts call for this process. */
		private readonly channel: string,
		private readonly clock: Clock,
	) {}

	/**
	 * To be called before asking for admission, because the call may come before the answer does. Nobody waits for the
	 * connection that listens: who may have missed a call meanwhile is called when it is there.
	 */
	expect(permitId: string): void {
		if (!this.waiting.has(permitId))
			this.waiting.set(permitId, { isCalled: false, resolve: undefined });
		this.listening ??= this.listen();
	}

	isExpected(permitId: string): boolean {
		return this.waiting.has(permitId);
	}

	/** It waits no longer. */
	forget(permitId: string): void {
		this.waiting.get(permitId)?.resolve?.();
		this.waiting.delete(permitId);
	}

	/** Resolves when the request was called since it was expected, or after `maxMs`. */
	async wait(permitId: string, maxMs: number): Promise<void> {
		const request = this.waiting.get(permitId);
		if (!request) return;
		if (!request.isCalled) {
			await new Promise<void>((resolve) => {
				const cancelTimer = this.clock.schedule(resolve, maxMs);
				request.resolve = () => {
					cancelTimer();
					resolve();
				};
			});
		}
		request.isCalled = false;
		request.resolve = undefined;
	}

	private async subscribe(client: ListeningClient): Promise<void> {
		await client.subscribe(this.channel);
		for (const permitId of this.waiting.keys()) this.call(permitId);
	}

	private call(permitId: string): void {
		const request = this.waiting.get(permitId);
		if (!request) return;
		request.isCalled = true;
		request.resolve?.();
	}

	private async listen(): Promise<void> {
		try {
			const client = await this.connect();
			if (client !== this.client) {
				this.client = client;
				client.on('message', (_channel, permitId) => this.call(permitId));
				client.on('ready', () => void this.subscribe(client).catch(() => undefined));
				client.once('end', () => (this.listening = undefined));
			}
			await this.subscribe(client);
		} catch {
			// Without being called, requests ask again by themselves.
			this.listening = undefined;
		}
	}
}
