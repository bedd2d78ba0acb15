import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { TokenFolder } from '../../adapters/files';
import { sha256, systemClock } from '../../adapters/system';
import { ownTokens } from '../../mcp-server/auth/own-tokens';
import { run } from '../../mcp-server/commands';
import { createToken, listTokens, revokeToken } from '../../mcp-server/commands/token';

let folder: string;

/** Each as a process of its own would have it. */
const tokens = () => new TokenFolder(folder);

beforeEach(async () => {
	folder = path.join(await mkdtemp(path.join(tmpdir(), 'bulwark-tokens-')), 'tokens');
});

afterEach(async () => {
	await rm(path.dirname(folder), { recursive: true });
});

const listed = async () =>
	await listTokens(tokens(), (error) => {
		throw error;
	});

const whoBrings = async (text: string) =>
	await ownTokens(tokens(), systemClock, sha256, (error) => {
		throw error;
	})(text);

it('lets in who brings a token, until it is revoked', async () => {
	const text = await createToken(tokens(), 'alice', 'operator', 1);
	expect(await whoBrings(text)).toEqual({ name: 'alice', role: 'operator', via: 'token' });
	expect(await whoBrings(`${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`)).toBeUndefined();
	await revokeToken(tokens(), 'alice');
	expect(await whoBrings(text)).toBeUndefined();
	await expect(revokeToken(tokens(), 'alice')).rejects.toMatchObject({
		code: 'TOKEN_COMMAND_INVALID',
	});
});

it('keeps all that are made side by side, and none that is revoked meanwhile', async () => {
	const leaked = await createToken(tokens(), 'leaked', 'admin', 1);
	const names = Array.from({ length: 20 }, (_, index) => `t${index}`);
	const [texts] = await Promise.all([
		Promise.all(names.map((name) => createToken(tokens(), name, 'viewer', 1))),
		revokeToken(tokens(), 'leaked'),
	]);
	expect(await whoBrings(leaked)).toBeUndefined();
	const found = await Promise.all(texts.map(whoBrings));
	expect(found).toMatchObject(names.map((name) => ({ name })));
	expect(await listed()).toHaveLength(names.length);
});

it('makes one of several that are to have the same name at once', async () => {
	const made = await Promise.allSettled(
		Array.from({ length: 8 }, () => createToken(tokens(), 'alice', 'viewer', 1)),
	);
	const texts = made.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
	expect(texts).toHaveLength(1);
	expect(await whoBrings(texts[0]!)).toMatchObject({ name: 'alice' });
	expect(made.filter(({ status }) => status === 'rejected')).toMatchObject(
		Array(7).fill({ reason: { code: 'TOKEN_COMMAND_INVALID' } }),
	);
	expect(await listed()).toHaveLength(1);
	expect(await readdir(folder)).toHaveLength(1);
	await revokeToken(tokens(), 'alice');
	const next = await createToken(tokens(), 'alice', 'viewer', 1);
	expect(await whoBrings(texts[0]!)).toBeUndefined();
	expect(await whoBrings(next)).toMatchObject({ name: 'alice' });
});

/** What the program writes, and how it ends. */
async function runToken(...args: string[]): Promise<{ code: number; said: string }> {
	const config = path.join(path.dirname(folder), 'config.json');
	await writeFile(config, JSON.stringify({ stateFolder: path.dirname(folder) }));
	let said = '';
	const listen = (stream: NodeJS.WriteStream) =>
		jest.spyOn(stream, 'write').mockImplementation((text) => Boolean((said += String(text))));
	const spies = [listen(process.stdout), listen(process.stderr)];
	const code = await run(['token', ...args, '--config', config], {}).finally(() =>
		spies.forEach((spy) => spy.mockRestore()),
	);
	return { code, said };
}

describe('a name', () => {
	const create = (name: string) => runToken('create', '--name', name, '--role', 'viewer');

	it.each([
		[
			'that breaks the line',
			'x  viewer  until 2030-01-01\nroot  admin',
			'"x  viewer  until 2030-01-01\\nroot  admin"',
		],
		['with a control character', 'x\u001b[2K', '"x\\u001b[2K"'],
		['that turns what follows around', 'x\u202e', '"x\\u202e"'],
		['with blanks around it', ' x', '" x"'],
		['of 101 characters', 'x'.repeat(101), '"xxx'],
	])('%s is refused', async (_, name, shown) => {
		const { code, said } = await create(name);
		expect(code).toBe(2);
		expect(said).toContain(`--name is ${shown}`);
		expect(said).toContain('at most 100 characters');
		expect(await listed()).toEqual([]);
	});

	it.each(["Zoë O'Neil <zoe@example.com>", '監視', 'x'.repeat(100)])(
		'%s is taken',
		async (name) => {
			expect((await create(name)).code).toBe(0);
			const [line] = await listed();
			expect(line!.startsWith(`${name}  viewer  until `)).toBe(true);
		},
	);

	it('that was given before is listed on one line', async () => {
		await createToken(tokens(), 'x\nroot', 'viewer', 1);
		const [line] = await listed();
		expect(line).toMatch(/^x\\u000aroot {2}viewer {2}until [\d-]+$/);
		await revokeToken(tokens(), 'x\nroot');
	});
});

it('keeps no token, but its hash', async () => {
	const text = await createToken(tokens(), 'alice', 'viewer', 1);
	const [file] = await readdir(folder);
	expect(await readFile(path.join(folder, file!), 'utf8')).not.toContain(text.slice(-43));
});

it('lets nobody in by a file that cannot be read, and names it once', async () => {
	const text = await createToken(tokens(), 'alice', 'viewer', 1);
	const [file] = await readdir(folder);
	await writeFile(path.join(folder, file!), '{');
	const refusal = { code: 'TOKEN_FILE_INVALID', message: expect.stringContaining(file!) };
	const told: Error[] = [];
	const authenticate = ownTokens(tokens(), systemClock, sha256, (error) => told.push(error));
	expect([await authenticate(text), await authenticate(text)]).toEqual([undefined, undefined]);
	expect(told).toEqual([expect.objectContaining(refusal)]);
});

it('lists tokens beside one that cannot be read, and names that one', async () => {
	await createToken(tokens(), 'alice', 'admin', 1);
	const [alice] = await readdir(folder);
	await createToken(tokens(), 'broken', 'viewer', 1);
	const broken = (await readdir(folder)).find((file) => file !== alice)!;
	await writeFile(path.join(folder, broken), '{');
	const { code, said } = await runToken('list');
	expect(code).toBe(0);
	expect(said).toContain('alice  admin  until ');
	expect(said).toContain(`/${broken} cannot be read. Restore it from a backup, or delete it`);
});

it('revokes a token beside another that cannot be read, and names that one', async () => {
	const text = await createToken(tokens(), 'alice', 'admin', 1);
	const [alice] = await readdir(folder);
	await createToken(tokens(), 'broken', 'viewer', 1);
	const broken = (await readdir(folder)).find((file) => file !== alice)!;
	await writeFile(path.join(folder, broken), '{');
	expect(await whoBrings(text)).toMatchObject({ name: 'alice' });
	const names = expect.stringMatching(
		`^The token in \\S+/${broken} cannot be read\\. Restore it from a backup, or delete it`,
	);
	expect(await runToken('revoke', '--name', 'alice')).toEqual({ code: 0, said: names });
	expect(await whoBrings(text)).toBeUndefined();
	expect(await readdir(folder)).toEqual([broken]);
	expect(await runToken('revoke', '--name', 'alice')).toEqual({ code: 1, said: names });
});
