import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { findServerPrograms } from '../../../scripts/stack/index.ts';

let folder: string;

beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'bulwark-programs-'))));
afterEach(async () => await rm(folder, { recursive: true }));

/** A folder with programs of these names. */
async function programs(name: string, ...files: string[]): Promise<string> {
	const path = join(folder, name);
	await mkdir(path);
	for (const file of files) {
		await writeFile(join(path, file), '#!/bin/sh\n');
		await chmod(join(path, file), 0o755);
	}
	return path;
}

describe('findServerPrograms', () => {
	it('finds them on PATH', async () => {
		const [redis, postgres] = [
			await programs('redis', 'redis-server'),
			await programs('postgres', 'initdb', 'postgres'),
		];
		const env = { PATH: [redis, postgres].join(delimiter) };
		expect(await findServerPrograms(env)).toEqual({
			redisServer: join(redis, 'redis-server'),
			postgresBin: postgres,
		});
	});

	it('takes what a variable names before what is on PATH', async () => {
		const onPath = await programs('path', 'redis-server', 'initdb', 'postgres');
		const named = await programs('named', 'my-redis', 'initdb', 'postgres');
		const env = {
			PATH: onPath,
			BULWARK_REDIS_SERVER: join(named, 'my-redis'),
			BULWARK_POSTGRES_BIN: named,
		};
		expect(await findServerPrograms(env)).toEqual({
			redisServer: join(named, 'my-redis'),
			postgresBin: named,
		});
	});

	it('refuses a variable that names something else, with its value', async () => {
		const env = {
			PATH: await programs('path', 'redis-server', 'initdb', 'postgres'),
			BULWARK_POSTGRES_BIN: await programs('half', 'postgres'),
		};
		await expect(findServerPrograms(env)).rejects.toThrow(
			`BULWARK_POSTGRES_BIN is "${env.BULWARK_POSTGRES_BIN}"`,
		);
	});

	it('says what is missing and how to install it', async () => {
		await expect(
			findServerPrograms({ PATH: await programs('none', 'initdb', 'postgres') }),
		).rejects.toMatchObject({
			message: expect.stringMatching(/redis-server, not found/) as string,
			remedy: expect.stringContaining('apt-get install redis-server postgresql') as string,
		});
	});
});
