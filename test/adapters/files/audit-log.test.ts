import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { AuditLog, dailyRetention, ownFolder } from '../../../adapters/files';
import { sha256 } from '../../../adapters/system';
import { checkChain, EMPTY_CHAIN, type AuditEvent, type ChainHead } from '../../../core/audit';
import { bundleProgram } from '../../support/bundle-program';

const DAY_MS = 24 * 3_600_000;
const FIRST_DAY = Date.parse('2026-01-30T12:00:00Z');

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'bulwark-audit-'));
});

afterEach(async () => {
	await rm(folder, { recursive: true });
});

const event = (operation: string, day = 0): AuditEvent => ({
	at: FIRST_DAY + day * DAY_MS,
	who: { name: 'alice', role: 'operator', via: 'token' },
	operation,
	input: {},
	outcome: 'done',
});

async function checked(log: AuditLog, from: ChainHead | undefined) {
	const all: string[] = [];
	for await (const { lines } of log.lines()) all.push(...lines);
	return checkChain(all, from, sha256);
}

it('is one chain over days and processes, however many write at once', async () => {
	const first = new AuditLog(folder, sha256);
	await Promise.all([0, 0, 0, 1].map((day, index) => first.append(event(`${index}`, day))));
	await first.close();
	const second = new AuditLog(folder, sha256);
	await second.append(event('later', 2));
	await second.close();
	expect(await checked(second, EMPTY_CHAIN)).toMatchObject({ isWhole: true, head: { number: 5 } });
	expect(await readdir(folder)).toHaveLength(3);
});

it('goes on after a process that ended in the midst of a line', async () => {
	const first = new AuditLog(folder, sha256);
	await first.append(event('whole'));
	await first.close();
	for (const file of ['2026-01-30.jsonl', '2026-01-31.jsonl'])
		await appendFile(path.join(folder, file), '{"number":2,"at":"20');
	const second = new AuditLog(folder, sha256);
	await second.append(event('after it', 2));
	await second.close();
	expect(await checked(second, EMPTY_CHAIN)).toMatchObject({ isWhole: true, head: { number: 2 } });
	expect(await readdir(folder)).toEqual(
		expect.arrayContaining(['2026-01-30.jsonl.torn', '2026-01-31.jsonl.torn']),
	);
});

it('goes on after a file that is too large to be read at once', async () => {
	const first = new AuditLog(folder, sha256);
	await first.append(event('x'));
	await first.close();
	const [name] = await readdir(folder);
	const file = path.join(folder, name!);
	const line = await readFile(file);
	// More than a text can have; a hole takes no room on the disk.
	await truncate(file, 600_000_000);
	await appendFile(file, Buffer.concat([Buffer.from('\n'), line, Buffer.from('{"number":')]));
	const second = new AuditLog(folder, sha256);
	await second.append(event('later', 1));
	await second.forgetBefore(FIRST_DAY + DAY_MS, FIRST_DAY + DAY_MS);
	await second.close();
	expect(await checked(second, undefined)).toMatchObject({ isWhole: true, head: { number: 3 } });
});

it('reads lines in portions, wherever these are cut', async () => {
	const log = new AuditLog(folder, sha256);
	const detail = 'ä\u2028'.repeat(150_000);
	for (let count = 0; count < 6; count++) await log.append({ ...event('x'), detail });
	await log.close();
	let portions = 0;
	let read = 0;
	for await (const { first, lines } of log.lines()) {
		expect(first).toBe(read + 1);
		read += lines.length;
		portions++;
	}
	expect(portions).toBeGreaterThan(1);
	expect(await checked(log, EMPTY_CHAIN)).toMatchObject({ isWhole: true, head: { number: 6 } });
});

it('forgets whole days, and stays one chain', async () => {
	const log = new AuditLog(folder, sha256);
	for (const day of [0, 1, 2]) await log.append(event('x', day));
	await log.forgetBefore(FIRST_DAY + DAY_MS, FIRST_DAY + 2 * DAY_MS);
	await log.append(event('y', 3));
	await log.close();
	expect(await readdir(folder)).toHaveLength(3);
	expect(await checked(log, EMPTY_CHAIN)).toMatchObject({ isWhole: false });
	expect(await checked(log, undefined)).toMatchObject({ isWhole: true, head: { number: 5 } });
});

it('forgets all that was ever written, and goes on with the same chain', async () => {
	const first = new AuditLog(folder, sha256);
	for (const day of [0, 1]) await first.append(event('x', day));
	await first.close();
	const second = new AuditLog(folder, sha256);
	await second.forgetBefore(FIRST_DAY + 300 * DAY_MS, FIRST_DAY + 301 * DAY_MS);
	await second.close();
	expect(await checked(second, undefined)).toMatchObject({ isWhole: true, head: { number: 3 } });
});

it('forgets what a process wrote that ended in the midst of a line', async () => {
	const first = new AuditLog(folder, sha256);
	await first.append(event('x'));
	await first.close();
	const [whole] = await readdir(folder);
	await appendFile(path.join(folder, whole!), '{"number":2,"at":"20');
	const second = new AuditLog(folder, sha256);
	await second.forgetBefore(FIRST_DAY + 300 * DAY_MS, FIRST_DAY + 301 * DAY_MS);
	await second.close();
	expect(await checked(second, undefined)).toMatchObject({ isWhole: true, head: { number: 2 } });
	expect(await readdir(folder)).toHaveLength(1);
});

it('deletes nothing where the last line of what is old was altered, says so, and goes on', async () => {
	const log = new AuditLog(folder, sha256);
	for (const day of [0, 1, 2]) await log.append(event('x', day));
	const [first, , newest] = await readdir(folder);
	await appendFile(path.join(folder, first!), '{}\n');
	await expect(log.forgetBefore(FIRST_DAY + DAY_MS, FIRST_DAY + 2 * DAY_MS)).rejects.toMatchObject({
		code: 'AUDIT_LOG_BROKEN',
		message: 'The last line of the audit log was altered: it has no hash',
		remedy: expect.stringContaining('audit verify'),
	});
	await log.append(event('y', 2));
	expect(await readdir(folder)).toHaveLength(3);
	await log.close();
	await appendFile(path.join(folder, newest!), '{}\n');
	const code = 'AUDIT_LOG_BROKEN';
	await expect(new AuditLog(folder, sha256).append(event('z', 2))).rejects.toMatchObject({ code });
});

it('begins no new chain where it cannot read, and does not call that whole', async () => {
	const unreadable = path.join(folder, 'a file');
	await writeFile(unreadable, '');
	const log = new AuditLog(unreadable, sha256);
	await expect(log.append(event('x'))).rejects.toThrow('ENOTDIR');
	await expect(log.forgetBefore(FIRST_DAY, FIRST_DAY)).rejects.toThrow('ENOTDIR');
	await expect(checked(log, EMPTY_CHAIN)).rejects.toThrow('ENOTDIR');
});

it('gives each process a folder of its own, and it back when one ends', () => {
	const [first, second] = [ownFolder(folder, 'a'), ownFolder(folder, 'a')];
	expect([first.path, second.path].map((one) => path.basename(one))).toEqual(['a', 'a-2']);
	first.release();
	const third = ownFolder(folder, 'a');
	expect(third.path).toBe(first.path);
	for (const one of [second, third]) one.release();
});

it('stays one chain when a process notes something late that has given its folder back', async () => {
	const [first, second] = [new AuditLog(folder, sha256), new AuditLog(folder, sha256)];
	await first.append(event('x'));
	await first.close();
	await second.append(event('y'));
	await second.close();
	await first.append(event('late'));
	await first.close();
	expect(await checked(first, EMPTY_CHAIN)).toMatchObject({ isWhole: true, head: { number: 3 } });
});

it('takes back a line that a full disk took a part of', async () => {
	const program = await bundleProgram(path.join(__dirname, '../../support/fill-audit-log.ts'));
	const { stdout } = await promisify(execFile)(process.execPath, [program.path, folder]);
	await program.remove();
	expect(JSON.parse(stdout)).toEqual(['noted', 'EFBIG', 'EFBIG', 'noted']);
	const log = new AuditLog(folder, sha256);
	await log.append(event('later', 365));
	await log.close();
	expect(await checked(log, EMPTY_CHAIN)).toMatchObject({ isWhole: true, head: { number: 3 } });
});

it('stays one chain when the clock is set back over midnight', async () => {
	const first = new AuditLog(folder, sha256);
	for (const day of [1, 0, 1]) await first.append(event('x', day));
	await first.close();
	const second = new AuditLog(folder, sha256);
	for (const day of [0, 0, 2, 1]) await second.append(event('y', day));
	await second.close();
	expect(await checked(second, EMPTY_CHAIN)).toMatchObject({ isWhole: true, head: { number: 7 } });
	expect(await readdir(folder)).toEqual(['2026-01-31.jsonl', '2026-02-01.jsonl']);
});

it('tries an hour later again to forget what it could not', async () => {
	const asked: number[] = [];
	const HOUR_MS = 3_600_000;
	const log = {
		forgetBefore: (_time: number, now: number) => {
			asked.push(now);
			return asked.length < 3 ? Promise.reject(new Error('disk full')) : Promise.resolve();
		},
	};
	const retention = dailyRetention(log, DAY_MS);
	const { at } = event('x');
	const outcomes: string[] = [];
	for (const minutes of [0, 1, 60, 61, 120, 180, 240])
		await retention(at + (minutes * HOUR_MS) / 60).then(
			() => outcomes.push('done'),
			() => outcomes.push('failed'),
		);
	expect(asked.map((now) => (now - at) / HOUR_MS)).toEqual([0, 1, 2]);
	expect(outcomes).toEqual(['failed', 'done', 'failed', 'done', 'done', 'done', 'done']);
});

it('forgets once a day what is older than it is kept, for as long as it runs', async () => {
	const log = new AuditLog(folder, sha256);
	const retention = dailyRetention(log, 2 * DAY_MS);
	for (let day = 0; day < 6; day++) {
		const { at } = event('x', day);
		for (const hours of [0, 1]) {
			await log.append({ ...event('x', day), at: at + hours * 3_600_000 });
			await retention(at + hours * 3_600_000);
		}
	}
	await log.close();
	expect(await readdir(folder)).toEqual([
		'2026-02-02.jsonl',
		'2026-02-03.jsonl',
		'2026-02-04.jsonl',
	]);
	expect(await checked(log, undefined)).toMatchObject({ isWhole: true });
});
