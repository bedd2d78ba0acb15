import { definePolicy } from '../../../core/policies/define';
import { freePort } from '../../support/free-port';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';

let server: RedisServer;
let admin: OpenStore;

beforeAll(async () => {
	server = await startRedis();
	admin = openStore(standalone(server.port));
	await admin.connection.ready();
});

afterAll(async () => {
	admin.close();
	await server.stop();
});

const command = async (...words: string[]) =>
	await admin.connection.client.call(words[0]!, ...words.slice(1));

const configure = async (name: string, value: string) =>
	await command('CONFIG', 'SET', name, value);

const POLICY = definePolicy('circuit-breaker', 'refused', {});

it.each<[string, RegExp, RegExp, () => Promise<unknown>, () => Promise<unknown>]>([
	[
		'it is full',
		/^Redis is full and takes no writes \(OOM /,
		/maxmemory/,
		() => configure('maxmemory', '1'),
		() => configure('maxmemory', '0'),
	],
	[
		'it has too few replicas',
		/^Redis takes no writes with so few replicas \(NOREPLICAS /,
		/min-replicas-to-write/,
		() => configure('min-replicas-to-write', '1'),
		() => configure('min-replicas-to-write', '0'),
	],
	[
		'it is a replica',
		/^Redis at this address is a replica, and takes no writes \(READONLY /,
		/failover/,
		async () => await command('REPLICAOF', '127.0.0.1', String(await freePort())),
		() => command('REPLICAOF', 'NO', 'ONE'),
	],
])('says what Redis refuses, and what to do, where %s', async (_where, says, remedy, ail, cure) => {
	const store = openStore(standalone(server.port));
	await store.connection.ready();
	await ail();
	try {
		await expect(store.store.override(POLICY, '', 'open')).rejects.toMatchObject({
			code: 'STORE_FAILED',
			message: expect.stringMatching(says),
			remedy: expect.stringMatching(remedy),
		});
	} finally {
		await cure();
		store.close();
	}
});

it('says that Redis may have as many connections as it takes, where it closes a new one', async () => {
	await configure('maxclients', '1');
	const store = openStore(standalone(server.port));
	try {
		await expect(store.connection.ready()).rejects.toMatchObject({
			code: 'STORE_UNREACHABLE',
			remedy: expect.stringContaining('maxclients'),
		});
	} finally {
		await configure('maxclients', '10000');
		store.close();
	}
});
