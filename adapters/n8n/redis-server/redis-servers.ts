import { Cluster, type Redis } from 'ioredis';

import type {
	RedisClient,
	RedisServerControl,
	RedisServerInfo,
	RedisServerView,
} from '../../../core/ports/stack';
import { SourceUnavailableError } from '../../../core/stack';
import type { RedisSession } from '../redis-session';
import { clientsOf } from './client-list';
import { serverInfoOf } from './server-info';

/** The servers that hold n8n's queue: one, or all masters of a Cluster. */
export class RedisServers implements RedisServerView, RedisServerControl {
	constructor(private readonly session: RedisSession) {}

	info(): Promise<readonly RedisServerInfo[]> {
		return this.ofEach(async (node, server) => {
			const before = performance.now();
			const text = await node.info();
			return serverInfoOf(text, server, performance.now() - before);
		});
	}

	async clients(): Promise<readonly RedisClient[]> {
		const lists = await this.ofEach(async (node, server) =>
			clientsOf(String(await node.client('LIST')), server),
		);
		return lists.flat();
	}

	async closeClients(clients: ReadonlyArray<Pick<RedisClient, 'id' | 'server'>>): Promise<number> {
		const closed = await this.ofEach(async (node, server) => {
			const ids = clients.filter((client) => client.server === server).map(({ id }) => id);
			const kills = ids.map((id) => node.client('KILL', 'ID', id));
			return (await Promise.all(kills)).reduce<number>((sum, count) => sum + Number(count), 0);
		});
		return closed.reduce((sum, count) => sum + count, 0);
	}

	private ofEach<T>(question: (node: Redis, server: string) => Promise<T>): Promise<T[]> {
		return this.session.ask('redis', async (client) => {
			const nodes = client instanceof Cluster ? client.nodes('master') : [client];
			if (nodes.length === 0)
				throw new SourceUnavailableError(
					'redis',
					'The cluster names no master',
					'Check CLUSTER NODES on one of its servers',
				);
			return await Promise.all(nodes.map((node) => question(node, addressOf(node))));
		});
	}
}

/** Sentinels name the master, so its address is in no setting. */
function addressOf(node: Redis): string {
	const { host, port, sentinels } = node.options;
	if (!sentinels) return `${host}:${port}`;
	const { remoteAddress, remotePort } = node.stream as {
		remoteAddress?: string;
		remotePort?: number;
	};
	return `${remoteAddress}:${remotePort}`;
}
