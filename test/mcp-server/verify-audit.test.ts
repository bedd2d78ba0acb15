import { appendFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { AuditLog } from '../../adapters/files';
import { sha256 } from '../../adapters/system';
import { verifyAudit } from '../../mcp-server/commands/verify-audit';
import { readConfig } from '../../mcp-server/config/read-config';
import { openHost } from '../../mcp-server/open-host';

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

it('calls nothing whole where there is nothing', async () => {
	expect(await verified()).toEqual({
		areWhole: false,
		said: [`There is no audit log in ${audit}, so nothing was checked.`],
	});
	await writeLog('a');
	for (const file of await readdir(path.join(audit, 'a'))) await rm(path.join(audit, 'a', file));
	expect(await verified()).toEqual({
		areWhole: false,
		said: [expect.stringMatching(/^a: EMPTY: /)],
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

const DAY_MS = 24 * 3_600_000;
const who = { name: 'alice', role: 'operator', via: 'token' } as const;

/** A line a day. */
async function writeDays(days: number): Promise<AuditLog> {
	const log = new AuditLog(path.join(audit, 'a'), sha256);
	for (let day = 0; day < days; day++)
		await log.append({ at: day * DAY_MS, who, operation: 'test', input: {}, outcome: 'done' });
	return log;
}

it('tells lines that were left out at the beginning from those whose time was over', async () => {
	const log = await writeDays(4);
	await log.forgetBefore(2 * DAY_MS, 3 * DAY_MS);
	await log.close();
	expect(await verified()).toEqual({
		areWhole: true,
		said: [expect.stringContaining('a: whole, up to number 5')],
	});
	const [oldest] = (await readdir(path.join(audit, 'a'))).filter((name) => name.endsWith('.jsonl'));
	await rm(path.join(audit, 'a', oldest!));
	expect(await verified()).toEqual({
		areWhole: false,
		said: [
			'a: BROKEN: it begins with number 4, and no line says that those before it were deleted when their time was over.',
		],
	});
});

it('calls the logs whole of servers that nobody has called, also while they run', async () => {
	const config = { ...readConfig(undefined, {}), name: 'a', stateFolder };
	const open = async () =>
		await openHost(config, 'stdio', (error) => {
			throw error;
		});
	const [first, second] = [await open(), await open()];
	const whole = {
		areWhole: true,
		said: [
			expect.stringMatching(/^a-stdio: whole, up to number 1 /),
			expect.stringMatching(/^a-stdio-2: whole, up to number 1 /),
		],
	};
	expect(await verified()).toEqual(whole);
	for (const host of [first, second]) await host.close();
	expect(await verified()).toEqual(whole);
});

it('says that an old last line was altered, which does not keep the server from starting', async () => {
	const config = { ...readConfig(undefined, {}), name: 'a', stateFolder };
	const name = 'a-http';
	await writeLog(name);
	const file = path.join(audit, name, '1970-01-01.jsonl');
	const text = await readFile(file, 'utf8');
	await writeFile(file, text.replace('alice', 'mallory'));
	const told: Error[] = [];
	const host = await openHost(config, 'http', (error) => void told.push(error));
	await host.close();
	expect(told).toMatchObject([{ code: 'AUDIT_LOG_BROKEN' }]);
	expect(await verified()).toEqual({
		areWhole: false,
		said: [`${name}: BROKEN at line 1 of ${file}: its text is not what was written.`],
	});
});

it('calls a log whole of which not all was deleted yet that was to be', async () => {
	const log = await writeDays(4);
	const second = path.join(audit, 'a', '1970-01-02.jsonl');
	const text = await readFile(second, 'utf8');
	await log.forgetBefore(2 * DAY_MS, 3 * DAY_MS);
	await log.close();
	await writeFile(second, text);
	expect((await verified()).areWhole).toBe(true);
});

it('does not believe a line that was made to look as if the time of others were over', async () => {
	const log = await writeDays(2);
	const input = { operation: 'forget_audit_lines', number: 1, hash: '0'.repeat(64) };
	await log.append({ at: 2 * DAY_MS, who, operation: 'test', input, outcome: 'done' });
	await log.close();
	await rm(path.join(audit, 'a', '1970-01-01.jsonl'));
	expect((await verified()).areWhole).toBe(false);
});
