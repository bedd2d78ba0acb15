import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { listen } from '../../mcp-server/transports/listen';
import { bundleProgram, type ProgramFile } from '../support/bundle-program';
import { freePort } from '../support/free-port';

const run = promisify(execFile);

let folder: string;
let program: ProgramFile;

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'bulwark-mcp-'));
	const settings = { name: 'test', stateFolder: folder };
	await writeFile(path.join(folder, 'config.json'), JSON.stringify(settings));
	program = await bundleProgram(path.resolve(__dirname, '../../mcp-server/main.ts'));
});

afterAll(async () => {
	await program.remove();
	await rm(folder, { recursive: true });
});

/** How the server ends that is to listen there. */
async function endOf(...place: readonly string[]): Promise<{ code: number; stderr: string }> {
	const args = [program.path, '--config', path.join(folder, 'config.json'), 'serve', ...place];
	const env = { PATH: process.env.PATH };
	return await run(process.execPath, args, { env, timeout: 30_000 }).then(
		({ stderr }) => ({ code: 0, stderr }),
		(error: { code: number; stderr: string }) => error,
	);
}

it('says which port is taken, and where to set another', async () => {
	const other = createServer().listen(0, '127.0.0.1');
	await once(other, 'listening');
	const { port } = other.address() as AddressInfo;
	try {
		expect(await endOf('--port', `${port}`)).toMatchObject({
			code: 1,
			stderr: `http.host and http.port (127.0.0.1:${port}): another program listens there already. Stop it, or choose another port: --port or http.port.\n`,
		});
	} finally {
		other.close();
	}
});

it('says which address this machine does not have, and where to set another', async () => {
	expect(await endOf('--host', '203.0.113.1', '--port', '5685')).toMatchObject({
		code: 1,
		stderr:
			'http.host and http.port (203.0.113.1:5685): this machine does not have that address. Give one that it has, or 0.0.0.0 for all: --host or http.host.\n',
	});
});

it.each(['--host', '--config'])('takes no empty %s for one that is left out', async (option) => {
	expect(await endOf('--port', `${await freePort()}`, option, '')).toMatchObject({
		code: 2,
		stderr: `${option} is empty. Give a value, or leave it out.\n`,
	});
});

it('tells of each connection that it cannot take once it listens, and goes on', async () => {
	const server = createHttpServer();
	const told: string[] = [];
	const place = { host: '127.0.0.1', port: await freePort() };
	await listen(server, place, ({ message }) => void told.push(message));
	try {
		for (const time of ['first', 'second'])
			server.emit('error', new Error(`accept EMFILE, the ${time} time`));
		expect(told).toEqual(['accept EMFILE, the first time', 'accept EMFILE, the second time']);
		expect(server.listening).toBe(true);
	} finally {
		server.close();
	}
});
