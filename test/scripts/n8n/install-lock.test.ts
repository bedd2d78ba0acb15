import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { withInstallLock } from '../../../scripts/n8n/install-lock.ts';

let folder: string;
let lock: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'bulwark-lock-'));
	lock = join(folder, 'n8n.lock');
});
afterEach(async () => await rm(folder, { recursive: true }));

const ignore = () => undefined;
/** Above the highest process id that Linux gives. */
const NOBODY = 2 ** 22 + 1;

describe('withInstallLock', () => {
	it('holds the lock while the work runs, and not after it, even when it fails', async () => {
		await withInstallLock(lock, ignore, undefined, () => {
			expect(existsSync(lock)).toBe(true);
			return Promise.resolve();
		});
		expect(existsSync(lock)).toBe(false);
		const failing = withInstallLock(lock, ignore, undefined, () => Promise.reject(new Error('no')));
		await expect(failing).rejects.toThrow('no');
		expect(existsSync(lock)).toBe(false);
	});

	it('lets one work after another', async () => {
		const order: string[] = [];
		const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
		const { promise: seen, resolve: see } = Promise.withResolvers<number>();
		const one = withInstallLock(lock, ignore, undefined, async () => {
			enter();
			expect(await seen).toBe(process.pid);
			order.push('one');
		});
		await entered;
		const two = withInstallLock(lock, see, undefined, async () => {
			order.push('two');
			return Promise.resolve();
		});
		await Promise.all([one, two]);
		expect(order).toEqual(['one', 'two']);
	});

	it('takes over the lock of a process that has died', async () => {
		await writeFile(lock, JSON.stringify({ pid: NOBODY, host: hostname() }));
		expect(await withInstallLock(lock, ignore, undefined, () => Promise.resolve('done'))).toBe(
			'done',
		);
	});

	it('stops waiting when asked to', async () => {
		await writeFile(lock, JSON.stringify({ pid: process.pid, host: hostname() }));
		const stop = new AbortController();
		const waiting = withInstallLock(
			lock,
			() => stop.abort(),
			stop.signal,
			() => Promise.resolve(),
		);
		await expect(waiting).rejects.toThrow(/abort/i);
		expect(existsSync(lock)).toBe(true);
	});
});
