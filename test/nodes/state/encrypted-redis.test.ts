import type { Redis } from 'ioredis';
import type { ICredentialDataDecryptedObject, ICredentialTestFunctions } from 'n8n-workflow';

import type { RedisAddress } from '../../../adapters/redis';
import { definePolicy } from '../../../core/policies/define';
import { redisSettingsOf } from '../../../adapters/redis';
import { encrypted, makeCertificates, type Certificates } from '../../support/certificates';
import {
	documentedClusterRights,
	documentedRights,
	documentedSentinelRights,
} from '../../support/documented-rights';
import { openStore } from '../../support/open-store';
import { nodeTypes } from '../../support/planned-steps';
import { plantedSecret, secretsIn } from '../../support/planted-secrets';
import { startRedisCluster, type RedisCluster } from '../../support/redis-cluster';
import { startRedisSentinel, type RedisSentinel } from '../../support/redis-sentinel';
import { adminClient } from '../../support/redis-server';

const ADMIN = plantedSecret('admin');
const USER = { user: 'bulwark', password: plantedSecret('user') };
const SENTINEL_USER = { sentinelUser: 'watcher', sentinelPassword: plantedSecret('sentinel') };

let certificates: Certificates;
let sentinel: RedisSentinel;
let master: Redis;
let cluster: RedisCluster;

beforeAll(async () => {
	certificates = await makeCertificates();
	const settings = { ...encrypted(certificates), requirepass: ADMIN };
	const { sentinelUser, sentinelPassword } = SENTINEL_USER;
	sentinel = await startRedisSentinel(settings, [
		[sentinelUser, 'on', `>${sentinelPassword}`, ...documentedSentinelRights].join(' '),
	]);
	cluster = await startRedisCluster({ ...settings, masterauth: ADMIN });
	const rights = [...documentedRights, ...documentedClusterRights];
	master = adminClient(sentinel.master.port, settings);
	const ofCluster = [...cluster.masters, ...cluster.replicas].map(({ client }) => client);
	for (const client of [master, ...ofCluster])
		await client.call('ACL', 'SETUSER', USER.user, 'on', `>${USER.password}`, ...rights);
});

afterAll(async () => {
	master?.disconnect();
	await sentinel?.stop();
	await cluster?.stop();
	await certificates?.remove();
});

const listed = (addresses: readonly RedisAddress[]): string =>
	addresses.map(({ host, port }) => `${host}:${port}`).join(', ');

/** What a user fills in. */
const fieldsOf = {
	sentinel: () => ({
		topology: 'sentinel',
		sentinels: listed(sentinel.sentinels),
		masterName: sentinel.masterName,
		...SENTINEL_USER,
	}),
	cluster: () => ({ topology: 'cluster', nodes: listed(cluster.addresses) }),
};

type Topology = keyof typeof fieldsOf;

const credential = (topology: Topology, changed: ICredentialDataDecryptedObject = {}) => ({
	...fieldsOf[topology](),
	...USER,
	ssl: true,
	ca: certificates.authority.cert,
	...changed,
});

/** What n8n does when a user tests the credential. */
async function tested(data: ICredentialDataDecryptedObject) {
	const [test] = Object.values(nodeTypes[0]!.methods!.credentialTest!);
	const decrypted = { id: '1', name: 'Redis', type: 'bulwarkRedisApi', data };
	return await test!.call({} as ICredentialTestFunctions, decrypted);
}

describe.each(['sentinel', 'cluster'] as const)('an encrypted %s', (topology) => {
	it('passes the test of the credential, and shares slots and wakes who waits for one', async () => {
		expect(await tested(credential(topology))).toMatchObject({ status: 'OK' });
		const { store, request, close } = openStore(redisSettingsOf(credential(topology)));
		const policies = ['one', 'two', 'three'].map((name) =>
			definePolicy('bulkhead', name, { maxConcurrentCalls: 1, maxWaitDurationMs: 60_000 }),
		);
		const first = await store.admit(request(policies));
		const waiting = request(policies);
		expect(await store.admit(waiting)).toMatchObject({ status: 'queued' });
		const turn = store.awaitTurn(waiting, 50_000);
		if (first.status === 'granted')
			await store.settle(first.permit, { kind: 'success', latencyMs: 1 });
		await turn;
		expect(await store.admit(waiting)).toMatchObject({ status: 'granted' });
		close();
	});

	it.each([
		['a wrong password', { password: plantedSecret('wrong') }, /^Redis does not accept/],
		['a missing password', { user: '', password: '' }, /^Redis asks for a password/],
		['an authority that did not sign', { ca: '' }, /a certificate that these settings trust/],
		['no encryption', { ssl: false }, /whether the port is the encrypted one/],
	])('tells of %s, and of no secret', async (_, wrong, message) => {
		const result = await tested(credential(topology, wrong));
		expect(result).toMatchObject({ status: 'Error', message: expect.stringMatching(message) });
		expect(secretsIn(JSON.stringify(result))).toEqual([]);
	});
});

it.each([
	[{ sentinelPassword: plantedSecret('wrong') }, /does not accept .* Correct Sentinel User/],
	[{ sentinelUser: '', sentinelPassword: '' }, /asks for a password .* Fill in Sentinel User/],
	[{ masterName: 'other' }, /watch no master of that name\. Correct Master Name/],
])('tells of what the sentinels do not accept: %#', async (wrong, message) => {
	const result = await tested(credential('sentinel', wrong));
	expect(result).toMatchObject({ status: 'Error', message: expect.stringMatching(message) });
	expect(secretsIn(JSON.stringify(result))).toEqual([]);
});

it('needs no more rights than are documented', async () => {
	const { sentinelClients } = sentinel;
	const ofCluster = cluster.masters.map(({ client }) => client);
	for (const client of [master, ...sentinelClients, ...ofCluster]) {
		const log = (await client.call('ACL', 'LOG')) as string[][];
		// Wrong passwords are in it, too.
		expect(log.filter((entry) => entry[3] !== 'auth')).toEqual([]);
	}
});
