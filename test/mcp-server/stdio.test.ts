import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { definePolicy } from '../../core/policies/define';
import { bundleProgram, type ProgramFile } from '../support/bundle-program';
import { openStore, standalone, type OpenStore } from '../support/open-store';
import { startRedis, type RedisServer } from '../support/redis-server';

const PROJECT = path.resolve(__dirname, '../..');
const breaker = definePolicy('circuit-breaker', 'payments', {});
const asked = { kind: 'circuit-breaker', name: 'payments', action: 'isolate' };

let redis: RedisServer;
let steps: OpenStore;
let folder: string;
let program: ProgramFile;
let args: string[];

beforeAll(async () => {
	redis = await startRedis();
	steps = openStore(standalone(redis.port));
	await steps.registry.note(breaker, { id: 'w/n', title: '"Breaker" of workflow "Orders"' });
	folder = await mkdtemp(path.join(tmpdir(), 'bulwark-mcp-'));
	const config = path.join(folder, 'config.json');
	const settings = { name: 'test', stateFolder: folder, redis: { port: redis.port } };
	await writeFile(config, JSON.stringify(settings));
	program = await bundleProgram(path.join(PROJECT, 'mcp-server/main.ts'));
	args = [program.path, '--config', config];
});

beforeEach(async () => {
	await steps.store.override(breaker, '', 'reset');
});

afterAll(async () => {
	steps.close();
	await redis.stop();
	await program.remove();
	await rm(folder, { recursive: true });
});

const isIsolated = async (): Promise<boolean> =>
	(await steps.store.inspect({ ...breaker, key: '' }))?.state === 'isolated';

it('asks the user of a client that speaks 2026-07-28 before it changes something', async () => {
	const client = new Client(
		{ name: 'test', version: '1' },
		{
			capabilities: { elicitation: {} },
			versionNegotiation: { mode: { pin: '2026-07-28' } },
		},
	);
	const questions: string[] = [];
	client.setRequestHandler('elicitation/create', ({ params }) => {
		questions.push(params.message);
		return { action: 'accept', content: { apply: true } };
	});
	await client.connect(new StdioClientTransport({ command: process.execPath, args }));
	const plan: any = await client.callTool({ name: 'plan_policy_override', arguments: asked });
	const { planId } = plan.structuredContent;
	const applied = await client.callTool({ name: 'apply_plan', arguments: { planId } });
	expect(applied).toMatchObject({ structuredContent: { steps: [{ outcome: 'done' }] } });
	expect(questions).toEqual([expect.stringContaining('isolate circuit-breaker "payments"')]);
	expect(await isIsolated()).toBe(true);
	await client.close();
});

it('asks the user of a client that speaks 2025-11-25, too', async () => {
	const client = new FirstClient(
		{ name: 'test', version: '1' },
		{ capabilities: { elicitation: {} } },
	);
	const answers = [false, true];
	client.setRequestHandler(ElicitRequestSchema, () => ({
		action: 'accept',
		content: { apply: answers.shift()! },
	}));
	await client.connect(new FirstTransport({ command: process.execPath, args }));
	const planned = async () => {
		const plan: any = await client.callTool({ name: 'plan_policy_override', arguments: asked });
		return plan.structuredContent.planId as string;
	};
	const apply = async (planId: string) =>
		await client.callTool({ name: 'apply_plan', arguments: { planId } });
	const declined = await planned();
	expect(await apply(declined)).toMatchObject({ isError: true });
	expect(await apply(declined)).toMatchObject({
		content: [{ text: expect.stringContaining('PLAN_USED') }],
	});
	expect(await isIsolated()).toBe(false);
	expect(await apply(await planned())).toMatchObject({
		structuredContent: { steps: [{ outcome: 'done' }] },
	});
	expect(await isIsolated()).toBe(true);
	await client.close();
});

it('answers what was asked before its input ended, and ends', async () => {
	const clientInfo = { name: 'test', version: '1' };
	const begin = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
	const messages = [
		{ id: 1, method: 'initialize', params: begin },
		{ method: 'notifications/initialized' },
		{ id: 2, method: 'tools/call', params: { name: 'get_health', arguments: {} } },
		{ id: 3, method: 'tools/call', params: { name: 'list_policies', arguments: {} } },
	];
	const startedAt = Date.now();
	const ended = promisify(execFile)(process.execPath, args);
	const lines = messages.map((message) => JSON.stringify({ jsonrpc: '2.0', ...message }));
	ended.child.stdin!.end(`${lines.join('\n')}\n`);
	const { stdout } = await ended;
	const answers = stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
	expect(answers.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
	expect(answers.find(({ id }) => id === 2).result.structuredContent).toMatchObject({
		status: expect.any(String),
	});
	expect(Date.now() - startedAt).toBeLessThan(30_000);
});

it('leaves an audit log that is whole', async () => {
	const verify = [...args, 'audit', 'verify'];
	const { stdout } = await promisify(execFile)(process.execPath, verify);
	expect(stdout).toMatch(/^test-stdio: whole, up to number \d+/);
});
