import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findN8n } from '../../../scripts/n8n/find-n8n.ts';
import { isNewEnough } from '../../../scripts/n8n/n8n-command.ts';

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'bulwark-find-'));
});
afterEach(async () => await rm(folder, { recursive: true }));

/** Something that looks like an n8n which npm installed; resolves with its folder of executables. */
async function install(version: string, name = 'n8n'): Promise<string> {
	const bin = join(folder, version, 'node_modules', '.bin');
	const package_ = join(folder, version, 'node_modules', 'n8n');
	await mkdir(join(package_, 'bin'), { recursive: true });
	await mkdir(bin);
	await writeFile(join(package_, 'package.json'), JSON.stringify({ name, version }));
	await writeFile(join(package_, 'bin', 'n8n'), '#!/usr/bin/env node\n');
	await symlink(join(package_, 'bin', 'n8n'), join(bin, 'n8n'));
	return bin;
}

const ignore = () => undefined;

describe('findN8n', () => {
	it('takes the n8n that BULWARK_N8N names', async () => {
		const bin = await install('2.41.1');
		const found = await findN8n({ PATH: '', BULWARK_N8N: join(bin, 'n8n') }, ignore);
		expect(found).toMatchObject({ version: '2.41.1', node: process.execPath });
		expect(found?.script).toMatch(/node_modules\/n8n\/bin\/n8n$/);
	});

	it.each([
		['is missing', '/nowhere/n8n', /no \/nowhere\/n8n/],
		['is another program', process.execPath, /not n8n's executable/],
	])('says so when what BULWARK_N8N names %s', async (_, path, message) => {
		await expect(findN8n({ PATH: '', BULWARK_N8N: path }, ignore)).rejects.toThrow(message);
	});

	it('refuses an n8n that is too old, with the remedy', async () => {
		const bin = await install('2.40.9');
		const found = findN8n({ PATH: '', BULWARK_N8N: join(bin, 'n8n') }, ignore);
		await expect(found).rejects.toMatchObject({
			message: expect.stringContaining('2.40.9'),
			remedy: expect.stringContaining('BULWARK_N8N'),
		});
	});

	it('takes the first on PATH that is new enough, and says which it passed over', async () => {
		const path = [await install('1.99.0'), await install('3.0.0')].join(':');
		const passedOver: string[] = [];
		const found = await findN8n({ PATH: path }, (why) => passedOver.push(why));
		expect(found?.version).toBe('3.0.0');
		expect(passedOver).toEqual([expect.stringContaining('1.99.0')]);
	});

	it('finds none where there is none', async () => {
		expect(await findN8n({ PATH: folder }, ignore)).toBeUndefined();
	});
});

describe('isNewEnough', () => {
	it.each([
		['2.40.9', false],
		['1.99.0', false],
		['2.41.0', true],
		['2.100.0', true],
		['3.0.0', true],
	])('%s: %s', (version, expected) => {
		expect(isNewEnough(version)).toBe(expected);
	});
});
