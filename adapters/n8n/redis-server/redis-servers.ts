import { Cluster, type Redis } from 'ioredis';

import { readClock } from '../../../core/clocks';
import type { Clock } from '../../../core/ports';
import type {
	RedisClient,
	RedisServerControl,
	RedisServerInfo,
	RedisServerView,
} from '../../../core/ports/stack';
import { SourceUnavailableError } from '../../../core/stack';
import type { RedisSession } from '../redis-session';
import { clientsOf, type QueuePlace } from './client-list';
import { serverInfoOf } from './server-info';

/** The servers that hold n8n's queue: one, or all masters of a Cluster. */
export class RedisServers implements RedisServerView, RedisServerControl {
	constructor(
		private readonly session: RedisSession,
		private readonly queue: QueuePlace,
		private readonly time: Clock,
	) {}

	info(): Promise<readonly RedisServerInfo[]> {
		return this.ofEach(async (node, server) => {
			// Sent together; who may not ask for the time still learns the rest.
			const asked = readClock(this.time, async () => await node.time().catch(nobody));
			const before = performance.now();
			const text = await node.info();
			const info = serverInfoOf(text, server, performance.now() - before);
			const { answer: time, clockShowing } = await asked;
			const clock = clockShowing(time && timeOf(time));
			return clock ? { ...info, clock } : info;
		});
	}

	async clients(): Promise<readonly RedisClient[]> {
		const lists = await this.ofEach(async (node, server) =>
			clientsOf(String(await node.client('LIST')), server, this.queue),
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

const nobody = (): undefined => undefined;

/** TIME answers with whole seconds, and microseconds beyond them. */
const timeOf = ([seconds, microseconds]: ReadonlyArray<number | string>): number =>
	Number(seconds) * 1_000 + Number(microseconds) / 1_000;

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
