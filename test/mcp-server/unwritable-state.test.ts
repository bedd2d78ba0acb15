import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createToken, listTokens } from '../../mcp-server/commands/token';
import type { FullConfig } from '../../mcp-server/config/read-config';
import { openHost } from '../../mcp-server/open-host';
import { openServices } from '../../mcp-server/open-services';
import { tokenFolderOf } from '../../mcp-server/token-folder-of';
import { isoTime } from '../../core/iso-time';
import { startMcpServer, type TestMcpServer } from '../support/mcp/mcp-server';

let server: TestMcpServer;

beforeAll(async () => {
	server = await startMcpServer();
});

afterAll(async () => {
	await server.stop();
});

it('answers who looks though the call cannot be noted, and says so; changes nothing that cannot be', async () => {
	const stateFolder = await mkdtemp(path.join(tmpdir(), 'bulwark-unwritable-'));
	// Where the log of the day, or of the next, would be.
	const days = [0, 24].map((hours) => isoTime(Date.now() + hours * 3_600_000).slice(0, 10));
	const files = days.map((day) => path.join(stateFolder, 'audit', 'test-http', `${day}.jsonl`));
	for (const file of files) await mkdir(file, { recursive: true });
	const own = await startMcpServer({}, { stateFolder });
	const client = await own.connect('operator', 'yes');
	const looked = await client.call('get_queue');
	expect(looked.isError).toBe(false);
	expect(looked.text).toMatch(
		/^The queue is not known\.\n[^]*This call is not noted: STATE_UNWRITABLE: The audit log in \S+ cannot be written: EISDIR/,
	);
	expect(await client.read('bulwark://playbooks/worker-zombie')).toMatch(/^# /);
	const unread = client.read('bulwark://executions/1');
	await expect(unread).rejects.toThrow(
		/SOURCE_MISSING: .*\nThis call is not noted: STATE_UNWRITABLE/,
	);
	const reasons = own.log.filter((line) => line.includes('STATE_UNWRITABLE'));
	expect(reasons.length).toBeGreaterThanOrEqual(4);
	const changed = await client.call('apply_plan', { planId: 'x' });
	expect(changed.isError).toBe(true);
	expect(changed.text).toMatch(/^STATE_UNWRITABLE: The audit log in .* Make room there/);
	for (const file of files) await rm(file, { recursive: true });
	expect((await client.call('get_queue')).text).not.toContain('not noted');
	await own.stop();
});

it('says which plan cannot be read, and why', async () => {
	const file = path.join(server.config.stateFolder, 'plans', 'x.json');
	await mkdir(file, { recursive: true });
	const client = await server.connect('operator', 'yes');
	const applied = await client.call('apply_plan', { planId: 'x' });
	expect(applied.text).toMatch(/^PLAN_FILE_INVALID: The plan in \S+ cannot be read: EISDIR/);
	expect(applied.text).toContain(file);
});

describe('where the state folder is none', () => {
	let config: FullConfig;

	beforeAll(async () => {
		const stateFolder = path.join(server.config.stateFolder, 'no folder');
		await writeFile(stateFolder, '');
		config = { ...server.config, stateFolder: path.join(stateFolder, 'state') };
	});

	it.each(['http', 'stdio'] as const)('says so to who starts the server by %s', async (way) => {
		await expect(openHost(config, way, () => undefined)).rejects.toMatchObject({
			code: 'STATE_UNWRITABLE',
			message: expect.stringContaining('ENOTDIR'),
			remedy: expect.stringContaining('stateFolder'),
		});
	});

	it('says so to who lists tokens', async () => {
		await expect(listTokens(tokenFolderOf(config), () => undefined)).rejects.toMatchObject({
			code: 'TOKEN_FILE_INVALID',
			remedy: expect.stringContaining('stateFolder'),
		});
	});

	it('says so to who asks what was brought back', async () => {
		const { services, close } = openServices(config);
		await expect(services.recovery.records.list(1)).rejects.toMatchObject({
			code: 'STATE_UNWRITABLE',
		});
		await close();
	});
});

it('says where a token cannot be kept, and what to do', async () => {
	const stateFolder = path.join(server.config.stateFolder, 'a file');
	await writeFile(stateFolder, '');
	const tokens = tokenFolderOf({ ...server.config, stateFolder });
	await expect(createToken(tokens, 'alice', 'viewer', 1)).rejects.toMatchObject({
		message: expect.stringContaining(stateFolder),
	});
});
