import type { ICredentialDataDecryptedObject, ICredentialTestFunctions } from 'n8n-workflow';

import { BulwarkRedisApi } from '../../../credentials/BulwarkRedisApi.credentials';
import manifest from '../../../package.json';
import { closeServices } from '../../../nodes/shared/state';
import { redisSettingsOf } from '../../../adapters/redis';
import { guarded, items } from '../../support/guarded-workflow';
import { nodeTypes } from '../../support/planned-steps';
import { plantedSecret, secretsIn } from '../../support/planted-secrets';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { runWorkflow } from '../../support/workflow-harness';
import { inRedis } from './redis-steps';

const PASSWORD = plantedSecret('credential');

let server: RedisServer;

beforeAll(async () => {
	server = await startRedis({ requirepass: PASSWORD });
});

afterAll(async () => {
	await closeServices();
	await server.stop();
});

/** What n8n does when a user tests a credential of one of our nodes. */
async function tested(name: string, data: ICredentialDataDecryptedObject) {
	const [node] = nodeTypes;
	const { testedBy } = node!.description.credentials!.find((one) => one.name === name)!;
	const test = node!.methods!.credentialTest![testedBy as string]!;
	return await test.call({} as ICredentialTestFunctions, { id: '1', name, type: name, data });
}

it.each(nodeTypes)('$description.name takes both credentials, each with a test', (node) => {
	const { credentials = [] } = node.description;
	const ofRedis = credentials.filter(({ name }) => /redis/i.test(name));
	expect(ofRedis.map(({ name }) => name)).toEqual(['redis', 'bulwarkRedisApi']);
	for (const { testedBy } of ofRedis)
		expect(node.methods?.credentialTest?.[testedBy as string]).toBeInstanceOf(Function);
});

it('is listed in the package, and describes each field', () => {
	expect(manifest.n8n.credentials).toEqual(['dist/credentials/BulwarkRedisApi.credentials.js']);
	const { properties } = new BulwarkRedisApi();
	const names = properties.map(({ name }) => name);
	expect(names).toEqual([...new Set(names)]);
	for (const { name, typeOptions } of properties)
		if (/password|key/i.test(name)) expect(typeOptions?.password).toBe(true);
});

describe.each(['redis', 'bulwarkRedisApi'])('the test of %s', (name) => {
	const right = () => ({ host: '127.0.0.1', port: server.port, password: PASSWORD });

	it('passes where steps can work', async () => {
		expect(await tested(name, right())).toMatchObject({ status: 'OK' });
	});

	it.each([
		['a wrong password', { password: plantedSecret('wrong') }, /password/i],
		['a wrong port', { port: 1 }, /ECONNREFUSED|connect/i],
		['a port that is none', { port: 'x' }, /"Port" is "x".*1 to 65535/i],
	])('tells of %s, and of no secret', async (_, wrong, message) => {
		const result = await tested(name, { ...right(), ...wrong });
		expect(result).toMatchObject({ status: 'Error', message: expect.stringMatching(message) });
		expect(secretsIn(JSON.stringify(result))).toEqual([]);
	});
});

it.each([
	[{ host: '' }, '"Host" is'],
	[{ host: 'redis://a:b@c' }, '"Host" is'],
	[{ database: -1 }, '"Database Number" is -1'],
	[{ prefix: '{}:' }, '"Prefix" is "{}:"'],
	[{ topology: 'ring' }, '"Topology" is "ring"'],
	[{ topology: 'sentinel', sentinels: 'a' }, '"Master Name" is'],
	[{ topology: 'sentinel', masterName: 'm', sentinels: ' , ' }, '"Sentinels" is'],
	[{ port: 70_000 }, '"Port" is'],
	[{ topology: 'cluster', nodes: 'a:70000' }, '"Nodes" is "70000"'],
])('refuses %j', (fields, message) => {
	const read = () => redisSettingsOf({ host: 'h', password: PASSWORD, ...fields });
	expect(read).toThrow(message);
});

it('reads all that a Bulwark credential says', () => {
	const pem = '-----BEGIN X-----\nabc\ndef\n-----END X-----';
	const settings = redisSettingsOf({
		topology: 'sentinel',
		sentinels: 'one, two:2 [::1]:3',
		masterName: 'main',
		sentinelPassword: 's',
		user: 'u',
		password: 'p',
		database: 2,
		prefix: 'x:',
		ssl: true,
		ca: pem.replaceAll('\n', ' '),
		disableTlsVerification: true,
	});
	expect(settings).toEqual({
		topology: {
			type: 'sentinel',
			masterName: 'main',
			sentinels: [
				{ host: 'one', port: 26_379 },
				{ host: 'two', port: 2 },
				{ host: '::1', port: 3 },
			],
			sentinelPassword: 's',
		},
		username: 'u',
		password: 'p',
		database: 2,
		prefix: 'x:',
		tls: { ca: pem, isVerified: false },
	});
});

it('takes passwords as they are', () => {
	const [password, sentinelPassword] = [' blanks around ', '\t'];
	const fields = { topology: 'sentinel', sentinels: 'a', masterName: 'm' };
	const settings = redisSettingsOf({ ...fields, password, sentinelPassword });
	expect(settings).toMatchObject({ password, topology: { sentinelPassword } });
	expect(redisSettingsOf({ host: 'h', password: '' }).password).toBeUndefined();
});

it('fails a step whose credential cannot be used, by name and with a remedy', async () => {
	const run = await runWorkflow(
		guarded({ step: 'retry', ...inRedis(0, {}, { password: PASSWORD }), items: items(1) }),
	);
	expect(run.error).toMatchObject({
		message: expect.stringContaining('"Port" is 0'),
		description: expect.stringContaining('1 to 65535'),
	});
	expect(secretsIn(JSON.stringify(run.data))).toEqual([]);
});
