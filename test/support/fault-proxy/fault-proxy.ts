import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { poison, type Passage, type Stream, type ToxicDefinition } from './toxic';

/**
 * A TCP proxy on 127.0.0.1 that spoils what passes, controlled as Toxiproxy is: toxics are added and removed by name,
 * and the proxy as a whole is enabled or disabled.
 */
export class FaultProxy {
	private readonly toxics = new Map<string, ToxicDefinition>();
	private readonly sockets = new Set<Socket>();
	private readonly servers = new Map<Socket, Socket>();
	/** Clients whose server is gone without their knowledge. */
	private readonly abandoned = new WeakSet<Socket>();
	private isLosingReplies = false;

	private constructor(
		private readonly server: Server,
		private readonly upstreamPort: number,
		readonly port: number,
		private readonly localAddress: string | undefined,
	) {
		server.on('connection', (client) => this.join(client));
	}

	/** @param localAddress from which its connections go upstream, so that the server can tell whose they are. */
	static async start(upstreamPort: number, localAddress?: string): Promise<FaultProxy> {
		const server = createServer().listen(0, '127.0.0.1');
		await once(server, 'listening');
		return new FaultProxy(
			server,
			upstreamPort,
			(server.address() as AddressInfo).port,
			localAddress,
		);
	}

	addToxic(toxic: ToxicDefinition): void {
		this.toxics.set(nameOf(toxic), toxic);
	}

	removeToxic(name: string): void {
		this.toxics.delete(name);
	}

	/** Removes all toxics and accepts connections again. */
	async reset(): Promise<void> {
		this.toxics.clear();
		await this.enable();
	}

	/** Cuts all connections and accepts no more. */
	async disable(): Promise<void> {
		if (!this.server.listening) return;
		const closed = once(this.server, 'close');
		this.server.close();
		this.cut();
		await closed;
	}

	async enable(): Promise<void> {
		if (this.server.listening) return;
		this.server.listen(this.port, '127.0.0.1');
		await once(this.server, 'listening');
	}

	/** Cuts the connections that there are. */
	cut(): void {
		for (const socket of this.sockets) socket.resetAndDestroy();
	}

	/**
	 * Leaves the connections that there are half-open, as a lost host or a balancer does: the server has none of them any
	 * more, and no client is told. New ones work.
	 */
	halfOpen(): void {
		for (const [client, server] of this.servers) {
			this.abandoned.add(client);
			server.destroy();
		}
		this.servers.clear();
	}

	/**
	 * Answers are lost until it is told to pass them on again, and then come to the wrong questions. TCP never does that; a
	 * faulty client or balancer may, and it is what n8n's workers are seen to suffer from.
	 */
	loseReplies(): void {
		this.isLosingReplies = true;
	}

	passReplies(): void {
		this.isLosingReplies = false;
	}

	async stop(): Promise<void> {
		await this.disable();
	}

	private join(client: Socket): void {
		const { upstreamPort: port, localAddress } = this;
		const server = connect({ host: '127.0.0.1', port, localAddress });
		this.servers.set(client, server);
		for (const [socket, other] of [
			[client, server],
			[server, client],
		] as const) {
			this.sockets.add(socket);
			socket.setNoDelay(true);
			socket.on('error', () => undefined);
			socket.on('close', () => {
				this.sockets.delete(socket);
				this.servers.delete(socket);
				if (!this.abandoned.has(other)) other.destroy();
			});
		}
		this.pipe({ from: client, to: server, stream: 'upstream' });
		this.pipe({ from: server, to: client, stream: 'downstream' });
	}

	/**
	 * Data goes on in the order in which it came, each piece as the toxics of the moment have it. Behind what was lost
	 * nothing goes on any more, also when the toxic is removed: TCP leaves no gap, by which an answer could be taken for
	 * that to another request.
	 */
	private pipe(passage: Passage): void {
		let passedBytes = 0;
		let isBroken = false;
		let last: Promise<void> = Promise.resolve();
		passage.from.on('data', (data: Buffer) => {
			if (this.isLosingReplies && passage.stream === 'downstream') return;
			const toxics = this.toxicsOf(passage.stream);
			const cameAt = performance.now();
			last = last.then(async () => {
				let left: Buffer | undefined = data;
				for (const toxic of toxics)
					left = left && (await poison(toxic, { data: left, cameAt }, passage, passedBytes));
				isBroken ||= !left;
				if (!left || isBroken || passage.to.destroyed) return;
				passedBytes += left.length;
				passage.to.write(left);
			});
		});
	}

	private toxicsOf(stream: Stream): ToxicDefinition[] {
		return [...this.toxics.values()].filter((toxic) => (toxic.stream ?? 'downstream') === stream);
	}
}

const nameOf = ({ name, type, stream = 'downstream' }: ToxicDefinition): string =>
	name ?? `${type}_${stream}`;
