import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { doctor } from '../../mcp-server/commands/doctor';
import { createToken } from '../../mcp-server/commands/token';
import { Secret } from '../../mcp-server/config/secret';
import { readConfig, type FullConfig } from '../../mcp-server/config/read-config';
import type { Finding } from '../../mcp-server/doctor';
import { tokenFolderOf } from '../../mcp-server/token-folder-of';
import { bundleProgram } from '../support/bundle-program';
import { documentedMcpRights } from '../support/documented-rights';
import { freePort } from '../support/free-port';
import { openStore, standalone, type OpenStore } from '../support/open-store';
import { expectNoSecrets, plantedSecret } from '../support/planted-secrets';
import { startRedis, type RedisServer } from '../support/redis-server';

const PASSWORD = plantedSecret('doctor');

let redis: RedisServer;
let admin: OpenStore;
let stateFolder: string;
let closedPort: number;

beforeAll(async () => {
	redis = await startRedis();
	admin = openStore(standalone(redis.port));
	await admin.ping();
	closedPort = await freePort();
});

beforeEach(async () => {
	stateFolder = await mkdtemp(path.join(tmpdir(), 'bulwark-doctor-'));
});

afterEach(async () => {
	await rm(stateFolder, { recursive: true });
});

afterAll(async () => {
	admin.close();
	await redis.stop();
});

const setUser = async (rights: readonly string[], user = 'mcp') =>
	await admin.connection.client.call(
		'ACL',
		'SETUSER',
		user,
		'reset',
		'on',
		`>${PASSWORD}`,
		...rights,
	);

const configOf = (env: Record<string, string> = {}, more: Partial<FullConfig> = {}): FullConfig => {
	const n8n = { BULWARK_N8N_URL: `http://127.0.0.1:${closedPort}` };
	return { ...readConfig(undefined, { ...n8n, ...env }), stateFolder, ...more };
};

const queueMode = (port = redis.port) => ({
	EXECUTIONS_MODE: 'queue',
	QUEUE_BULL_REDIS_HOST: '127.0.0.1',
	QUEUE_BULL_REDIS_PORT: `${port}`,
	QUEUE_BULL_REDIS_USERNAME: 'mcp',
	QUEUE_BULL_REDIS_PASSWORD: PASSWORD,
});

/** What the doctor finds, by source. */
async function examined(
	config: FullConfig,
): Promise<{ isSound: boolean; of(source: string): Finding | undefined }> {
	const lines: string[] = [];
	const isSound = await doctor(config, 'json', (line) => void lines.push(line));
	expectNoSecrets('what the doctor says', lines.join('\n'));
	const said = JSON.parse(lines.join('\n')) as { isSound: boolean; findings: Finding[] };
	expect(said.isSound).toBe(isSound);
	for (const { status, consequence, remedy } of said.findings)
		if (status !== 'reached')
			expect([consequence, remedy]).toEqual([expect.any(String), expect.any(String)]);
	return { isSound, of: (source) => said.findings.find((finding) => finding.source === source) };
}

it('reaches all that Redis holds with the rights that are documented', async () => {
	await setUser(documentedMcpRights);
	const { of } = await examined(configOf(queueMode()));
	for (const source of ['redis', 'queue', 'workers', 'repairs', 'clocks', 'policies', 'plans'])
		expect(of(source)).toMatchObject({ status: 'reached', durationMs: expect.any(Number) });
	expect(of('instance registry')).toMatchObject({
		status: 'failed',
		says: expect.stringContaining('empty'),
		remedy: expect.stringContaining('queue.registryPrefix'),
	});
});

it('says by how much clocks differ, and what to do', async () => {
	const seconds = Math.round(Date.now() / 1_000) - 300;
	const main = createServer((_, response) => {
		response.setHeader('date', new Date(seconds * 1_000).toUTCString());
		response.end('{"status":"ok"}');
	});
	await new Promise<void>((resolve) => main.listen(0, '127.0.0.1', resolve));
	const { port } = main.address() as AddressInfo;
	const { of } = await examined(configOf({ BULWARK_N8N_URL: `http://127.0.0.1:${port}` }));
	main.close();
	expect(of('clocks')).toMatchObject({
		status: 'partly',
		says: "The clock of n8n's main process is 5 min behind that of this server",
		remedy: expect.stringContaining('NTP'),
	});
});

it('names the rule of Redis that a user without its right lacks', async () => {
	const lacking = [
		['-client|list', 'redis', '+client|list'],
		['-llen', 'queue', '+llen'],
		['resetkeys', 'queue', '~bull:*'],
		['resetchannels', 'workers', '&n8n:*'],
		['-renamenx', 'plans', 'docs/reliability.md'],
	] as const;
	await Promise.all(
		lacking.map(async ([rule, source, remedy]) => {
			const user = `without${rule.replace(/\W/g, '')}`;
			await setUser([...documentedMcpRights, rule], user);
			const settings = { ...queueMode(), QUEUE_BULL_REDIS_USERNAME: user };
			const { isSound, of } = await examined(configOf(settings));
			expect(isSound).toBe(false);
			expect(of(source)).toMatchObject({
				status: 'failed',
				remedy: expect.stringContaining(remedy),
			});
		}),
	);
});

it('says what a user may not repair that may look, as is meant where it is only to look', async () => {
	const lacking = [
		['-client|kill', '+client|kill', 'Connections cannot be closed, so no worker is healed'],
		['-lrem', '+@read +@write', 'Jobs cannot be changed, so nothing is enqueued again'],
		['-evalsha', '+evalsha', 'Jobs cannot be changed, so nothing is enqueued again'],
	] as const;
	for (const [rule, remedy, consequence] of lacking) {
		await setUser([...documentedMcpRights, rule]);
		const { of } = await examined(configOf(queueMode()));
		expect(of('repairs')).toMatchObject({
			status: 'partly',
			consequence,
			remedy: expect.stringContaining(remedy),
		});
	}
});

it('says what fails and what therefore is not known when nothing can be reached', async () => {
	const { isSound, of } = await examined(
		configOf(
			{
				...queueMode(closedPort),
				DB_TYPE: 'postgresdb',
				DB_POSTGRESDB_HOST: '127.0.0.1',
				DB_POSTGRESDB_PORT: `${closedPort}`,
				DB_POSTGRESDB_PASSWORD: PASSWORD,
				BULWARK_N8N_API_KEY: PASSWORD,
			},
			{ workers: [{ healthUrl: `http://127.0.0.1:${closedPort}` }] },
		),
	);
	expect(isSound).toBe(false);
	const unreached = ['redis', 'queue', 'instance registry', 'workers', 'n8n api', 'main'];
	for (const source of [...unreached, 'worker 1', 'policies', 'plans'])
		expect(of(source)).toMatchObject({ status: 'failed' });
	expect(of('state folder')).toMatchObject({ status: 'reached' });
});

it('says that nothing can be noted on a disk that has room for next to nothing', async () => {
	const program = await bundleProgram(path.resolve(__dirname, '../../mcp-server/main.ts'));
	const config = path.join(stateFolder, 'config.json');
	await writeFile(config, JSON.stringify({ stateFolder, n8n: { url: 'http://127.0.0.1:1' } }));
	// As long as a file may get.
	const args = ['--fsize=16384', process.execPath, program.path, '--config', config, 'doctor'];
	const { stdout } = await promisify(execFile)('prlimit', args).catch(
		(error: unknown) => error as never,
	);
	await program.remove();
	expect(stdout).toMatch(/state folder.* cannot be written: EFBIG/);
	expect(await readdir(stateFolder)).not.toContainEqual(expect.stringContaining('doctor-'));
});

it('takes what is not configured for no fault, and says what is missed', async () => {
	const main = createServer((_, response) => response.end('{"status":"ok"}'));
	await new Promise<void>((resolve) => main.listen(0, '127.0.0.1', resolve));
	const { port } = main.address() as AddressInfo;
	const { isSound, of } = await examined(configOf({ BULWARK_N8N_URL: `http://127.0.0.1:${port}` }));
	main.close();
	expect(isSound).toBe(true);
	for (const source of ['redis', 'database', 'n8n api', 'policies'])
		expect(of(source)).toMatchObject({ status: 'missing' });
	expect(of('plans')).toMatchObject({ status: 'reached' });
	expect(of('main')).toMatchObject({
		status: 'partly',
		remedy: expect.stringContaining('N8N_METRICS'),
	});
	expect(of('tokens')).toMatchObject({ status: 'partly' });
});

it('takes main for lost only where somebody said where it is', async () => {
	const told = await examined(configOf({ BULWARK_N8N_URL: '', N8N_PORT: `${closedPort}` }));
	expect(told.isSound).toBe(false);
	expect(told.of('main')).toMatchObject({ status: 'failed' });
	const assumed = { mainUrl: true, database: false };
	const { isSound, of } = await examined(configOf({}, { assumed }));
	expect(isSound).toBe(true);
	expect(of('main')).toMatchObject({
		status: 'missing',
		says: expect.stringMatching(/^nothing of n8n is at http.*ECONNREFUSED/),
		remedy: expect.stringContaining('n8n.url'),
	});
});

it("says that it took n8n's default database for the one that is meant", async () => {
	const database = {
		type: 'sqlite',
		file: path.join(stateFolder, 'x.sqlite'),
		tablePrefix: '',
	} as const;
	expect((await examined(configOf({}, { database }))).of('defaults')).toBeUndefined();
	const assumed = { mainUrl: false, database: true };
	const { of } = await examined(configOf({}, { database, assumed }));
	expect(of('defaults')).toMatchObject({
		status: 'partly',
		says: expect.stringContaining(database.file),
		remedy: expect.stringContaining('environment of n8n'),
	});
});

it('counts tokens beside one that cannot be read, by which alone nobody is let in', async () => {
	const config = configOf();
	await createToken(tokenFolderOf(config), 'alice', 'viewer', 1);
	const broken = path.join(stateFolder, 'tokens', 'aaaaaaaaaaaa.json');
	await writeFile(broken, '{');
	const { of } = await examined(config);
	expect(of('tokens')).toMatchObject({
		status: 'partly',
		says: expect.stringMatching(
			`^1 viewer, 0 operator, 0 admin; 0 expired; The token in ${broken} cannot be read$`,
		),
		consequence: expect.not.stringContaining('Nobody'),
		remedy: expect.stringContaining('delete it'),
	});
});

it('says once what keeps it from several repairs', async () => {
	const database = { type: 'sqlite', file: `${stateFolder}/x.sqlite`, tablePrefix: '' } as const;
	const { of } = await examined(configOf({}, { database }));
	expect(of('repairs')).toMatchObject({ says: `There is no file ${database.file}` });
});

it('counts tokens, and finds an issuer that cannot be asked', async () => {
	const oauth = {
		issuer: `http://127.0.0.1:${closedPort}`,
		audience: 'x',
		roleClaim: 'bulwark_role',
	};
	const config = configOf({}, { oauth });
	await createToken(tokenFolderOf(config), 'alice', 'viewer', 1);
	const { of } = await examined(config);
	expect(of('tokens')).toMatchObject({
		status: 'reached',
		says: expect.stringContaining('1 viewer'),
	});
	expect(of('oauth issuer')).toMatchObject({
		status: 'failed',
		says: expect.stringContaining('oauth.issuer'),
	});
});

it('finds an issuer that may not be named to others, as serve does', async () => {
	const issuer = 'http://issuer.example';
	const oauth = { issuer, jwksUrl: `${issuer}/keys`, audience: 'x', roleClaim: 'bulwark_role' };
	const { of } = await examined(configOf({}, { oauth }));
	expect(of('oauth issuer')).toMatchObject({
		status: 'failed',
		says: expect.stringContaining('HTTPS'),
		remedy: expect.stringContaining('Use https'),
	});
});

it('tells a person the same', async () => {
	const lines: string[] = [];
	const n8n = { url: `http://127.0.0.1:${closedPort}`, apiKey: new Secret(PASSWORD) };
	await doctor(configOf({}, { n8n }), 'text', (line) => void lines.push(line));
	const text = lines.join('\n');
	expectNoSecrets('what the doctor says', text);
	expect(text).toMatch(/^FAILED +main +http.*ECONNREFUSED.* \(\d+ ms\)$/m);
	expect(text).toMatch(/^ok +plans /m);
	expect(text).toMatch(/^ +remedy: /m);
	expect(text).toMatch(/^\d failed\.$/m);
});

it('lets what answers in the place of n8n forge no line', async () => {
	const other = createServer((_, response) => response.end('<!doctype html>\n\t<html>\u001b[2J'));
	await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
	const { port } = other.address() as AddressInfo;
	const lines: string[] = [];
	const config = configOf({ BULWARK_N8N_URL: `http://127.0.0.1:${port}` });
	await doctor(config, 'text', (line) => void lines.push(line));
	other.close();
	const [main] = lines.filter((line) => line.startsWith('FAILED   main'));
	expect(main).toMatch(/: 200 <!doctype html> <html>\\u001b\[2J \(\d+ ms\)$/);
});

it('warns of secrets that are too short to be kept out of texts, and does not show them', async () => {
	const n8n = { url: `http://127.0.0.1:${closedPort}`, apiKey: new Secret('main') };
	const { of } = await examined(configOf({}, { n8n }));
	const warning = of('secrets')!;
	expect(warning).toMatchObject({
		status: 'partly',
		says: expect.stringMatching(/: n8n\.apiKey$/),
	});
	expect(of('main')).toBeDefined();
	n8n.apiKey = new Secret(PASSWORD);
	expect((await examined(configOf({}, { n8n }))).of('secrets')).toMatchObject({
		status: 'reached',
	});
});
