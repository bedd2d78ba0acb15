import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { run } from '../../mcp-server/commands';
import { version } from '../../package.json';

/** What the program says, and how it ends. */
async function endOf(...args: string[]) {
	const said: string[] = [];
	const note = (text: unknown): boolean => said.push(String(text)) > 0;
	const streams = [process.stdout, process.stderr] as const;
	const spies = streams.map((stream) => jest.spyOn(stream, 'write').mockImplementation(note));
	const code = await run(args, {});
	for (const spy of spies) spy.mockRestore();
	return { code, said: said.join('') };
}

it('says which version it is', async () => {
	expect(await endOf('--version')).toEqual({ code: 0, said: `${version}\n` });
});

it('refuses to listen where it is not told to serve', async () => {
	for (const args of [
		['--port', '5685'],
		['doctor', '--host', '0.0.0.0'],
	])
		expect(await endOf(...args)).toEqual({
			code: 2,
			said: expect.stringMatching(/^--(port|host) is for serve\. Write: bulwark-mcp serve --/),
		});
});

it('ignores no option that a command does not take', async () => {
	for (const [args, said] of [
		[['token', 'list', '--role', 'admin'], '--role is for token create. Write: bulwark-mcp token'],
		[['doctor', '--name', 'a'], '--name is for token create and token revoke. Write: '],
		[['--json'], '--json is for doctor. Write: bulwark-mcp doctor --json …, or leave it out.'],
	] as const)
		expect(await endOf(...args)).toEqual({ code: 2, said: expect.stringContaining(said) });
});

it('says where a configuration is no JSON, and shows nothing of it', async () => {
	const folder = await mkdtemp(path.join(tmpdir(), 'bulwark-usage-'));
	const file = path.join(folder, 'config.json');
	await writeFile(file, '{\n\t"redis": {}\n\t"password": "hidden"\n}');
	expect(await endOf('doctor', '--config', file)).toEqual({
		code: 1,
		said: `The configuration file ${file} is not JSON (line 3 column 2). Correct it.\n`,
	});
	await rm(folder, { recursive: true });
});

it('says which roles there are where none is given', async () => {
	expect(await endOf('token', 'create', '--name', 'alice')).toEqual({
		code: 2,
		said: '--role is missing. Give one of: viewer, operator, admin.\n',
	});
});

it.each([
	[{ redis: { topology: 'sentinel', sentinels: 'one' } }, '"redis.masterName" is "": empty'],
	[{ redis: { topology: 'cluster', nodes: 'one:70000' } }, '"redis.nodes" is "70000": not a port'],
	[{ policies: { redis: { host: '/run/redis' } } }, '"policies.redis.host" is "/run/redis": not'],
	[{ redis: {}, policies: { prefix: '{}' } }, '"policies.prefix" is "{}": a prefix with an empty'],
])('names the setting by which Redis cannot be reached: %j', async (settings, said) => {
	const folder = await mkdtemp(path.join(tmpdir(), 'bulwark-usage-'));
	const file = path.join(folder, 'config.json');
	await writeFile(file, JSON.stringify({ stateFolder: folder, ...settings }));
	expect(await endOf('doctor', '--config', file)).toEqual({
		code: 1,
		said: expect.stringContaining(said),
	});
	await rm(folder, { recursive: true });
});
