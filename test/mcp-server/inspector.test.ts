import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { tools } from '../../mcp-server/tools';
import { bundleProgram, type ProgramFile } from '../support/bundle-program';
import { inspect } from '../support/mcp/inspector';
import { startMcpServer, type TestMcpServer } from '../support/mcp/mcp-server';

let server: TestMcpServer;
let folder: string;
let program: ProgramFile;
/** How MCP Inspector reaches the server. */
const ways: Record<string, (...args: string[]) => Promise<any>> = {};

beforeAll(async () => {
	server = await startMcpServer();
	const header = `authorization: Bearer ${await server.token('viewer')}`;
	ways.HTTP = async (...args) => await inspect([server.url], [...args, '--header', header]);

	folder = await mkdtemp(path.join(tmpdir(), 'bulwark-mcp-'));
	const config = path.join(folder, 'config.json');
	await writeFile(config, JSON.stringify({ name: 'test', stateFolder: folder }));
	program = await bundleProgram(path.resolve(__dirname, '../../mcp-server/main.ts'));
	// The Inspector has an option --config of its own. At home there may be somebody's n8n.
	const env = { BULWARK_MCP_CONFIG: config, HOME: folder, USERPROFILE: folder };
	ways.stdio = async (...args) => await inspect([process.execPath, program.path], args, env);
});

afterAll(async () => {
	await server.stop();
	await program.remove();
	await rm(folder, { recursive: true });
});

describe.each(['HTTP', 'stdio'])('MCP Inspector over %s', (way) => {
	it('lists all tools with their schemas', async () => {
		const listed = await ways[way]!('--method', 'tools/list');
		expect(listed.tools.map(({ name }: any) => name).sort()).toEqual(
			tools.map(({ name }) => name).sort(),
		);
		for (const { title, inputSchema, outputSchema, annotations } of listed.tools)
			expect([title, inputSchema.type, outputSchema.type, annotations.title]).toEqual([
				...[expect.any(String), 'object', 'object', title],
			]);
	});

	it('asks how the stack fares, and is told what is not known', async () => {
		const answer = await ways[way]!('--method', 'tools/call', '--tool-name', 'get_health');
		expect(answer.isError).toBeFalsy();
		expect(answer.structuredContent).toMatchObject({
			components: expect.arrayContaining([{ component: 'queue', status: 'unknown' }]) as object,
			unknowns: expect.arrayContaining([expect.objectContaining({ source: 'queue' })]) as object,
		});
		expect(answer.content).toEqual([
			{ type: 'text', text: expect.stringContaining('Not known:') as string },
		]);
	});

	it('is told which argument cannot be used, and what to do', async () => {
		const call = ['--method', 'tools/call', '--tool-name', 'get_health'];
		const answer = await ways[way]!(...call, '--tool-arg', 'component=engine');
		expect(answer).toMatchObject({
			isError: true,
			content: [
				{ text: expect.stringMatching(/^INVALID_OPTION: "component" is .*engine.*\. .+\./) },
			],
		});
	});
});
