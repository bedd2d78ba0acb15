import { appendFile, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { AuditLog } from '../../adapters/files';
import { sha256 } from '../../adapters/system';
import { verifyAudit } from '../../mcp-server/commands/verify-audit';

let stateFolder: string;
let audit: string;

beforeEach(async () => {
	stateFolder = await mkdtemp(path.join(tmpdir(), 'bulwark-verify-'));
	audit = path.join(stateFolder, 'audit');
});

afterEach(async () => {
	await rm(stateFolder, { recursive: true });
});

async function writeLog(name: string): Promise<void> {
	const log = new AuditLog(path.join(audit, name), sha256);
	const who = { name: 'alice', role: 'operator', via: 'token' } as const;
	await log.append({ at: 0, who, operation: 'test', input: {}, outcome: 'done' });
	await log.close();
}

async function verified() {
	const said: string[] = [];
	const areWhole = await verifyAudit({ stateFolder }, (line) => said.push(line));
	return { areWhole, said };
}

it('says that there is no audit log yet', async () => {
	expect(await verified()).toEqual({
		areWhole: true,
		said: [`There is no audit log in ${audit} yet.`],
	});
});

it('does not take a folder that cannot be read for one without audit logs', async () => {
	await writeFile(audit, '');
	expect(await verified()).toEqual({
		areWhole: false,
		said: [expect.stringContaining(`${audit} CANNOT BE READ: ENOTDIR`)],
	});
});

it('checks all audit logs, also when one is broken and one cannot be read', async () => {
	for (const name of ['a', 'b', 'c']) await writeLog(name);
	const [file] = await readdir(path.join(audit, 'a'));
	await appendFile(path.join(audit, 'a', file!), '{}\n');
	await rename(path.join(audit, 'b'), path.join(stateFolder, 'elsewhere'));
	await writeFile(path.join(audit, 'b'), '');
	expect(await verified()).toEqual({
		areWhole: false,
		said: [
			expect.stringContaining('a: BROKEN at line 2'),
			expect.stringContaining('b: CANNOT BE READ: ENOTDIR'),
			expect.stringContaining('c: whole, up to number 1'),
		],
	});
});
