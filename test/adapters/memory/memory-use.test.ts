import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { bundleProgram, type ProgramFile } from '../../support/bundle-program';
import type { Filled, Filling } from './fill-store';

const MILLION = 1_000_000;
const MOST_BYTES = 300 * 1024 * 1024;
const LONGEST_KEY = 512;

let program: ProgramFile;
beforeAll(async () => {
	program = await bundleProgram(join(__dirname, 'fill-store.ts'));
});
afterAll(async () => await program.remove());

/** Sends calls through a store in a process of its own. */
function fill(filling: Filling): Filled {
	const args = ['--expose-gc', program.path, JSON.stringify(filling)];
	const output = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 55_000 });
	return JSON.parse(output) as Filled;
}

describe('a million keys in process', () => {
	// All at once, so that none of them is idle yet. Limiters by fixed window have cells of the same size as by GCRA.
	it.each<[Filling['kind'], Filling['options']]>([
		['rate-limiter', { algorithm: 'gcra' }],
		['rate-limiter', { algorithm: 'sliding-window', adaptive: true }],
		['retry-budget', {}],
		['circuit-breaker', { slidingWindowType: 'time-based' }],
		['timeout', { strategy: 'adaptive' }],
	])('of a %s %j take less than 300 MB and no timer', (kind, options) => {
		const { bytes, keys, timers } = fill({ kind, options, calls: MILLION });
		expect(bytes).toBeLessThan(MOST_BYTES);
		expect(keys).toBeLessThanOrEqual(MILLION);
		expect(timers).toBe(0);
	});

	it('take no more when they are as long as can be', () => {
		// Half of them, which take half of it: digests take time. Nothing takes more than this kind of breaker.
		const options = { slidingWindowType: 'count-based' };
		const filling = { kind: 'circuit-breaker', options, length: LONGEST_KEY } as const;
		const { bytes, keys } = fill({ ...filling, calls: MILLION / 2 });
		expect(keys).toBe(MILLION / 2);
		expect(bytes).toBeLessThan(MOST_BYTES / 2);
	});

	it('of a bulkhead leave once nobody holds a slot', () => {
		const { bytes, keys, timers } = fill({ kind: 'bulkhead', options: {}, calls: MILLION });
		expect(keys).toBeLessThan(100);
		expect(bytes).toBeLessThan(MOST_BYTES / 4);
		expect(timers).toBe(0);
	});

	it('leave as they become idle', () => {
		// At one call a millisecond, at most 60,000 keys can be in use within a period of a minute, and about as many
		// again may be on their way out.
		const { bytes, keys } = fill({
			kind: 'rate-limiter',
			options: { algorithm: 'gcra', periodMs: 60_000, limit: 1 },
			calls: MILLION,
			msPerCall: 1,
		});
		expect(keys).toBeLessThan(200_000);
		expect(bytes).toBeLessThan(MOST_BYTES / 4);
	});
});

describe('keys cut out of larger texts', () => {
	it.each([30, LONGEST_KEY])('of %d characters do not hold on to them', (length) => {
		const calls = 20_000;
		const { bytes } = fill({ kind: 'rate-limiter', options: {}, calls, length, cut: true });
		// The texts take 10,000 bytes each.
		expect(bytes / calls).toBeLessThan(600);
	});
});

describe('many names with one key each', () => {
	it.each<[Filling['kind'], Filling['options'], number]>([
		['rate-limiter', {}, LONGEST_KEY],
		['circuit-breaker', {}, 0],
		['timeout', { strategy: 'adaptive' }, 0],
		['retry-budget', {}, 0],
	])('of a %s %j, %d characters long, take less than 1,300 bytes each', (kind, options, length) => {
		const calls = 50_000;
		const { bytes, policies, timers } = fill({ kind, options, length, calls, named: true });
		expect(policies).toBe(calls);
		// A name that is in use is kept as it is, too.
		expect(bytes / calls).toBeLessThan(1_300 + length);
		expect(timers).toBe(0);
	});

	it('of a bulkhead leave once nobody holds a slot', () => {
		const { policies } = fill({ kind: 'bulkhead', options: {}, calls: 50_000, named: true });
		expect(policies).toBeLessThan(100);
	});
});
