import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const MOST_BYTES = 300 * 1024 * 1024;

/** Sends a million keys through a store in a process of its own. */
function fill(kind: string, options: object, msPerCall: number) {
	const output = execFileSync(
		process.execPath,
		[
			'--expose-gc',
			'--import',
			join(ROOT, 'toolchain/typescript.mjs'),
			join(__dirname, 'fill-store.ts'),
			kind,
			JSON.stringify(options),
			String(msPerCall),
		],
		{ cwd: ROOT, encoding: 'utf8', timeout: 55_000 },
	);
	return JSON.parse(output) as { bytes: number; keys: number; timers: number };
}

describe('a million keys in process', () => {
	// All at once, so that none of them is idle yet.
	it.each([
		['rate-limiter', { algorithm: 'gcra', periodMs: 60_000 }, 1_000_000],
		['rate-limiter', { algorithm: 'sliding-window', periodMs: 60_000 }, 1_000_000],
		['rate-limiter', { algorithm: 'fixed-window', periodMs: 60_000 }, 1_000_000],
		['circuit-breaker', { slidingWindowType: 'count-based' }, 1_000_000],
		['circuit-breaker', { slidingWindowType: 'time-based' }, 1_000_000],
		['timeout', { strategy: 'adaptive' }, 1_000_000],
		['bulkhead', {}, 1],
	])('of a %s %j take less than 300 MB and no timer', (kind, options, mostKeys) => {
		const { bytes, keys, timers } = fill(kind, options, 0);
		expect(bytes).toBeLessThan(MOST_BYTES);
		expect(keys).toBeLessThanOrEqual(mostKeys + 100);
		expect(timers).toBe(0);
	});

	it('leave as they become idle', () => {
		// At one call a millisecond, at most 60,000 keys can be in use within a period of a minute, and about as many
		// again may be on their way out.
		const { bytes, keys } = fill(
			'rate-limiter',
			{ algorithm: 'gcra', periodMs: 60_000, limit: 1 },
			1,
		);
		expect(keys).toBeLessThan(200_000);
		expect(bytes).toBeLessThan(MOST_BYTES / 4);
	});
});
