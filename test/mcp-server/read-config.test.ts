import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

import { readConfig } from '../../mcp-server/config/read-config';
import { plantedSecret } from '../support/planted-secrets';

const PASSWORD = plantedSecret('address');
const address = `http://alice:${PASSWORD}@n8n.example:5678`;

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'bulwark-config-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What the configuration is refused with. */
function refusalOf(settings: object, env: Record<string, string> = {}): string {
	const file = path.join(folder, 'config.json');
	writeFileSync(file, JSON.stringify(settings));
	try {
		readConfig(file, env);
	} catch (error) {
		const { message, remedy } = error as Error & { remedy: string };
		return `${message}. ${remedy}.`;
	}
	return 'accepted';
}

it.each([
	['n8n.url', { n8n: { url: address } }],
	['n8n.webhookUrl', { n8n: { webhookUrl: address } }],
	['workers.0.healthUrl', { workers: [{ healthUrl: address }] }],
	['http.publicUrl', { http: { publicUrl: address } }],
	['oauth.issuer', { oauth: { issuer: address, audience: 'x' } }],
	['oauth.jwksUrl', { oauth: { issuer: 'http://x', audience: 'x', jwksUrl: address } }],
	['redis.host', { redis: { host: `redis://:${PASSWORD}@redis` } }],
	['redis.nodes', { redis: { topology: 'cluster', nodes: `:${PASSWORD}@redis:6379` } }],
	['redis', { redis: `redis://:${PASSWORD}@redis` }],
	['database.host', { database: { type: 'postgres', host: `alice:${PASSWORD}@postgres` } }],
	// Connection strings of Azure, ADO.NET and libpq, and a key.
	['redis', { redis: `redis.example:6380,password=${PASSWORD}=,ssl=True` }],
	['redis.host', { redis: { host: `redis.example:6380,password=${PASSWORD}=,ssl=True` } }],
	['redis.nodes', { redis: { topology: 'cluster', nodes: `redis:6380,password=${PASSWORD}` } }],
	['redis.sentinels', { redis: { sentinels: `redis:6380,password=${PASSWORD}` } }],
	['redis.port', { redis: { port: `6380,password=${PASSWORD}` } }],
	['database', { database: `Server=postgres;User Id=n8n;Password=${PASSWORD};` }],
	['database.host', { database: { type: 'postgres', host: `host=db password=${PASSWORD}` } }],
	['n8n', { n8n: PASSWORD }],
	['policies.redis', { policies: { redis: PASSWORD } }],
	['workers', { workers: PASSWORD }],
	['workers.0', { workers: [PASSWORD] }],
])('refuses a password in %s, without showing it', (setting, settings) => {
	const refusal = refusalOf(settings);
	expect(refusal).toMatch(new RegExp(`^${setting} \\(not shown\\): `));
	expect(refusal).not.toContain(PASSWORD);
});

it("refuses a password in an address of n8n's environment, too", () => {
	const refusal = refusalOf({}, { BULWARK_N8N_URL: address });
	expect(refusal).toMatch(/^n8n\.url \(not shown\): .*before @/);
	expect(refusal).not.toContain(PASSWORD);
});

it.each([
	['n8n.url', { n8n: { url: 'n8n' } }],
	['workers.0.healthUrl', { workers: [{ healthUrl: 'worker-1' }] }],
])('refuses what is no address in %s', (setting, settings) => {
	expect(refusalOf(settings)).toMatch(new RegExp(`^${setting} .*Invalid URL`));
});

it.each([
	['app.example'],
	['https://app.example/path'],
	['https://app.example?x'],
	['https://*'],
	['null'],
	[''],
])('refuses %j where an origin is due', (origin) => {
	expect(refusalOf({ http: { allowedOrigins: [origin] } })).toMatch(
		/^http\.allowedOrigins\.0 .*Not an origin: give scheme, host and port alone/,
	);
});

it.each([['https://mcp.example'], ['mcp.example/mcp'], ['*'], ['::1'], ['a b'], ['']])(
	'refuses %j where a host is due',
	(host) => {
		expect(refusalOf({ http: { allowedHosts: [host] } })).toMatch(
			/^http\.allowedHosts\.0 .*Not a host: give its name/,
		);
	},
);

it('takes origins as browsers write them', () => {
	const file = path.join(folder, 'config.json');
	const allowedOrigins = ['https://App.Example:443/', 'http://app.example:8080'];
	writeFileSync(file, JSON.stringify({ http: { allowedOrigins } }));
	expect(readConfig(file, {}).http.allowedOrigins).toEqual([
		'https://app.example',
		'http://app.example:8080',
	]);
});

it.each<[string, object]>([
	['thresholds.cpu', { cpu: { warning: 2, critical: 1 } }],
	['thresholds.queueAgeMs', { queueAgeMs: { warning: 400_000 } }],
	['thresholds.cacheHitRatio', { cacheHitRatio: { warning: 0.1 } }],
	['thresholds.cacheHitRatio', { cacheHitRatio: { warning: 0.6, critical: 0.6 } }],
])('refuses %s that is critical before it is a warning', (setting, thresholds) => {
	expect(refusalOf({ thresholds })).toMatch(
		new RegExp(`^${setting} .*would come before "warning"`),
	);
});

it('refuses per cent where a share is due', () => {
	for (const name of ['cpu', 'memory', 'errorRate', 'cacheHitRatio', 'databaseConnections'])
		expect(refusalOf({ thresholds: { [name]: { warning: 50, critical: 60 } } })).toMatch(
			new RegExp(`^thresholds\\.${name}\\.warning \\(50\\): `),
		);
	const thresholds = { cpu: { warning: 0.5 }, cacheHitRatio: { warning: 0.9, critical: 0.8 } };
	expect(refusalOf({ thresholds })).toBe('accepted');
});

it('keeps its state in one folder, wherever it is started', () => {
	const file = path.join(folder, 'config.json');
	const folderOf = (stateFolder: string) => {
		writeFileSync(file, `\uFEFF${JSON.stringify({ stateFolder })}`);
		return readConfig(file, {}).stateFolder;
	};
	expect(folderOf('~/state')).toBe(path.join(homedir(), 'state'));
	expect(folderOf(folder)).toBe(folder);
	for (const stateFolder of ['state', './state', ''])
		expect(refusalOf({ stateFolder })).toMatch(
			/^stateFolder \(".*"\): Give a path from \/ or ~\/ on/,
		);
});

it('refuses a health check that would count for two workers', () => {
	const workers = ['http://worker:5678', 'http://worker:5678/'].map((healthUrl) => ({ healthUrl }));
	expect(refusalOf({ workers })).toMatch(/^workers .*Names a health check twice/);
	expect(refusalOf({ workers: workers.slice(1) })).toBe('accepted');
});

it('takes addresses without one', () => {
	for (const host of ['/var/run/postgresql', '@socket', 'db_1.example', '::1', 'fe80::1%eth0'])
		expect(refusalOf({ database: { type: 'postgres', host } })).toBe('accepted');
	expect(refusalOf({ n8n: { url: 'https://n8n.example/path' } })).toBe('accepted');
	for (const sentinels of ['one:26379, two:26379', '[::1]:26379'])
		expect(refusalOf({ redis: { topology: 'sentinel', sentinels } })).toBe('accepted');
});

it("reads n8n's environment as n8n does: flags in any spelling, quotes, and defaults for what cannot be read", () => {
	const config = readConfig(undefined, {
		EXECUTIONS_MODE: ' "queue" ',
		QUEUE_BULL_REDIS_HOST: '"redis"',
		QUEUE_BULL_REDIS_PORT: 'many',
		QUEUE_BULL_REDIS_TLS: 'TRUE',
		QUEUE_BULL_REDIS_TLS_VALIDATE_CERTIFICATE: '0',
		DB_TYPE: "'postgresdb'",
		DB_POSTGRESDB_HOST: "'postgres'",
		DB_POSTGRESDB_SSL_ENABLED: '1',
		DB_TABLE_PREFIX: '',
	});
	expect(config.redis).toMatchObject({
		...{ host: 'redis', port: 6379, ssl: true, disableTlsVerification: true },
	});
	expect(config.database).toMatchObject({ type: 'postgres', host: 'postgres', ssl: true });
	expect(config.n8n.executionsMode).toBe('queue');
	expect(readConfig(undefined, { EXECUTIONS_MODE: 'swarm' }).n8n.executionsMode).toBeUndefined();
});

it('takes what is set to nothing for not set, whatever file is named besides, as n8n does', () => {
	const file = path.join(folder, 'password');
	writeFileSync(file, 'from a file\n');
	const userOf = (env: Record<string, string>) =>
		readConfig(undefined, {
			EXECUTIONS_MODE: 'queue',
			QUEUE_BULL_REDIS_USERNAME_FILE: file,
			...env,
		}).redis?.user;
	expect(userOf({})).toBe('from a file');
	expect(userOf({ QUEUE_BULL_REDIS_USERNAME: '' })).toBe('');
});

const certificate = { N8N_PROTOCOL: 'https', N8N_SSL_KEY: 'key.pem', N8N_SSL_CERT: 'cert.pem' };

it.each<[string, Record<string, string>, boolean]>([
	['http://127.0.0.1:5678', {}, true],
	['http://127.0.0.1:5978', { N8N_PORT: '5978' }, false],
	['http://127.0.0.1:5978', { N8N_PORT: '5978', N8N_LISTEN_ADDRESS: '::' }, false],
	['http://127.0.0.1:5978', { N8N_PORT: ' 5978', N8N_LISTEN_ADDRESS: '"0.0.0.0"' }, false],
	['http://10.1.2.3:5678', { N8N_LISTEN_ADDRESS: '10.1.2.3' }, false],
	['http://[::1]:5678', { N8N_LISTEN_ADDRESS: '::1' }, false],
	['http://127.0.0.1:5678', { N8N_LISTEN_ADDRESS: 'fe80::1%eth0' }, true],
	// What is known by those who stand before a proxy is not where it listens.
	['http://127.0.0.1:5678', { N8N_HOST: 'n8n.example', N8N_PATH: '/n8n/' }, true],
	['http://127.0.0.1:5678', { N8N_HOST: 'n8n.example', N8N_PROTOCOL: 'https' }, true],
	// Whether we may trust its certificate is not known.
	['https://n8n.example:5678', { ...certificate, N8N_HOST: 'n8n.example' }, true],
	['https://localhost:443', { ...certificate, N8N_PORT: '443' }, true],
	['http://127.0.0.1:5678', { N8N_PORT: 'many' }, true],
	['http://127.0.0.1:5678', { N8N_PORT: '70000' }, true],
	['http://127.0.0.1:5678', { N8N_LISTEN_ADDRESS: 'no address' }, true],
	['http://main:80', { BULWARK_N8N_URL: 'http://main:80', N8N_PORT: '5978' }, false],
])('finds main at %s by its environment: %j', (url, env, isAssumed) => {
	const { n8n, assumed } = readConfig(undefined, env);
	expect({ url: n8n.url, isAssumed: assumed.mainUrl }).toEqual({ url, isAssumed });
});

it('takes the address of main that a file sets before all others', () => {
	const file = path.join(folder, 'config.json');
	writeFileSync(file, JSON.stringify({ n8n: { url: 'http://main:5678' } }));
	const { n8n, assumed } = readConfig(file, { ...certificate, BULWARK_N8N_URL: 'http://x' });
	expect({ url: n8n.url, isAssumed: assumed.mainUrl }).toEqual({
		...{ url: 'http://main:5678', isAssumed: false },
	});
});

it('names a file for a setting that cannot be read, and says what to do', () => {
	const file = path.join(folder, 'none');
	expect(refusalOf({}, { QUEUE_WORKER_TIMEOUT_FILE: file })).toMatch(
		/^The file that QUEUE_WORKER_TIMEOUT_FILE names cannot be read: .+\. Correct its path, or/,
	);
});

describe("n8n's default database in the home folder", () => {
	let home: Record<string, string>;
	let file: string;

	beforeEach(() => {
		home = { [process.platform === 'win32' ? 'USERPROFILE' : 'HOME']: folder };
		file = path.join(folder, '.n8n', 'database.sqlite');
		mkdirSync(path.dirname(file));
		writeFileSync(file, '');
	});

	it('is taken where it is there and nothing else is said', () => {
		const { database, assumed } = readConfig(undefined, home);
		expect(database).toEqual({ type: 'sqlite', file, tablePrefix: '' });
		expect(assumed.database).toBe(true);
		const other = path.join(folder, '.n8n', 'other.sqlite');
		const named = { ...home, N8N_PORT: '5978', DB_SQLITE_DATABASE: 'other.sqlite' };
		expect(readConfig(undefined, named).database).toBeUndefined();
		writeFileSync(other, '');
		expect(readConfig(undefined, { ...named, DB_TABLE_PREFIX: 'n8n_' }).database).toEqual({
			...{ type: 'sqlite', file: other, tablePrefix: 'n8n_' },
		});
	});

	it('is not taken of an n8n elsewhere by a file that the environment names', () => {
		const named = path.join(folder, 'url');
		writeFileSync(named, 'http://n8n.example\n');
		const { n8n, database } = readConfig(undefined, { ...home, BULWARK_N8N_URL_FILE: named });
		expect([n8n.url, database]).toEqual(['http://n8n.example', undefined]);
	});

	it("is that in n8n's user folder, which n8n reads from no file", () => {
		const named = path.join(folder, 'user-folder');
		writeFileSync(named, path.join(folder, 'other'));
		const of = (env: Record<string, string>) => readConfig(undefined, { ...home, ...env }).database;
		expect(of({ N8N_USER_FOLDER_FILE: named })).toMatchObject({ file });
		expect(of({ N8N_USER_FOLDER: path.join(folder, 'other') })).toMatchObject({
			file: path.join(folder, 'other', '.n8n', 'database.sqlite'),
		});
	});

	it('is the same where n8n is said to have it', () => {
		const { database, assumed } = readConfig(undefined, { ...home, DB_TYPE: 'sqlite' });
		expect(database).toEqual({ type: 'sqlite', file, tablePrefix: '' });
		expect(assumed.database).toBe(false);
	});

	it.each<[string, object, Record<string, string>]>([
		['in queue mode', {}, { EXECUTIONS_MODE: 'queue' }],
		['with another database', {}, { DB_TYPE: 'mysqldb' }],
		['elsewhere', {}, { BULWARK_N8N_URL: 'http://n8n.example' }],
		['elsewhere by its file', { n8n: { url: 'http://n8n.example' } }, {}],
		['in queue mode by its file', { redis: {} }, {}],
		['in queue mode by its file', { n8n: { executionsMode: 'queue' } }, {}],
		['with workers', { workers: [{ healthUrl: 'http://worker:5678' }] }, {}],
		['by whose home nothing is known', {}, { HOME: '', USERPROFILE: '' }],
	])('is not taken of an n8n %s', (_, settings, env) => {
		const config = path.join(folder, 'config.json');
		writeFileSync(config, JSON.stringify(settings));
		const { database, assumed } = readConfig(config, { ...home, ...env });
		expect([database, assumed.database]).toEqual([undefined, false]);
	});
});
