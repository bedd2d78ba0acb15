import type { Redis } from 'ioredis';

import type { RedisAddress } from '../../adapters/redis';
import { freePort } from './free-port';
import { adminClient, startRedis, type RedisServer } from './redis-server';
import { until } from './until';

const HOST = '127.0.0.1';
const MASTERS = 3;
const SLOTS = 16_384;

/** A server of a cluster, and a client of this one alone. */
export interface ClusterNode extends RedisServer {
	readonly id: string;
	/** Where it talks to the other nodes. */
	readonly busPort: number;
	readonly client: Redis;
}

/** A real cluster of six servers on free ports of 127.0.0.1. */
export interface RedisCluster {
	/** Masters at first; each has a third of the slots. */
	readonly masters: readonly ClusterNode[];
	/** Each follows the master at the same place. */
	readonly replicas: readonly ClusterNode[];
	/** Where a client may begin. */
	readonly addresses: readonly RedisAddress[];
	stop(): Promise<void>;
}

/** @param settings more of redis.conf for every node, name by name, such as a shorter `cluster-node-timeout` */
export async function startRedisCluster(
	settings: Record<string, string> = {},
): Promise<RedisCluster> {
	const nodes: ClusterNode[] = [];
	const stop = async (): Promise<void> => {
		for (const { client } of nodes) client.disconnect();
		await Promise.all(nodes.map((node) => node.stop()));
	};
	try {
		// One by one: a port is free only until somebody takes it.
		while (nodes.length < 2 * MASTERS) nodes.push(await startNode(settings));
		await join(nodes);
	} catch (error) {
		await stop();
		throw error;
	}
	return {
		masters: nodes.slice(0, MASTERS),
		replicas: nodes.slice(MASTERS),
		addresses: nodes.map(({ port }) => ({ host: HOST, port })),
		stop,
	};
}

async function startNode(settings: Record<string, string>): Promise<ClusterNode> {
	// The usual one, 10,000 above the other, may not be free, nor a port at all.
	const busPort = await freePort();
	const server = await startRedis({
		'cluster-enabled': 'yes',
		'cluster-port': `${busPort}`,
		'cluster-node-timeout': '5000',
		'repl-diskless-sync-delay': '0',
		...settings,
	});
	const client = adminClient(server.port, settings);
	const id = (await client.cluster('MYID')) as string;
	return { ...server, id, busPort, client };
}

async function join(nodes: readonly ClusterNode[]): Promise<void> {
	const masters = nodes.slice(0, MASTERS);
	for (const [index, { client }] of nodes.entries())
		await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
	for (const [index, { client }] of masters.entries()) {
		const first = Math.ceil((index * SLOTS) / MASTERS);
		const last = Math.ceil(((index + 1) * SLOTS) / MASTERS) - 1;
		await client.call('CLUSTER', 'ADDSLOTSRANGE', first, last);
	}
	const { port, busPort } = nodes[0]!;
	for (const { client } of nodes.slice(1))
		await client.call('CLUSTER', 'MEET', HOST, port, busPort);
	await until(async () => {
		const known = await Promise.all(nodes.map(({ client }) => client.call('CLUSTER', 'NODES')));
		return known.every(
			(text) => !/handshake/.test(text as string) && knownNodes(text as string) === nodes.length,
		);
	});
	for (const [index, { client }] of nodes.slice(MASTERS).entries())
		await client.call('CLUSTER', 'REPLICATE', masters[index]!.id);
	for (const { client } of nodes) await until(() => isWhole(client));
}

const knownNodes = (nodes: string): number => nodes.trim().split('\n').length;

/** Whether a node sees all slots served, and all replicas. */
async function isWhole(client: Redis): Promise<boolean> {
	const info = (await client.cluster('INFO')) as string;
	const nodes = (await client.cluster('NODES')) as string;
	const replication = await client.info('replication');
	return (
		info.includes('cluster_state:ok') &&
		nodes.split('\n').filter((node) => /\bslave\b/.test(node)).length === MASTERS &&
		(replication.includes('role:master')
			? /connected_slaves:1\b/.test(replication)
			: replication.includes('master_link_status:up'))
	);
}
