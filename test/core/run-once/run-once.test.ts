import fc from 'fast-check';

import { MemoryIdempotencyStore } from '../../../adapters/memory';
import { parseOptions } from '../../../core/options';
import { LeaseKeeper } from '../../../core/pipeline';
import { runOnceOptions } from '../../../core/policies/run-once';
import type { Run } from '../../../core/ports';
import { endOfFailure, endOfResult, RunOnce } from '../../../core/run-once';
import { FakeClock, settled } from '../../support/fake-clock';
import { watch } from '../pipeline/set-up';

const LEASE_MS = 3_000;

function setUp(options: Record<string, unknown> = {}) {
	const clock = new FakeClock();
	const store = new MemoryIdempotencyStore(clock);
	const leases = new LeaseKeeper<Run>(store, clock, LEASE_MS);
	let ids = 0;
	const policy = { name: 'pay', options: parseOptions(runOnceOptions, options) };
	const newRunId = () => `me:${ids++}`;
	const once = new RunOnce(policy, { runs: store, clock, leases, newRunId });
	/** Work that takes a while and then ends well, or not. */
	const work = (ms: number, value: unknown, error?: unknown) => () =>
		new Promise((resolve, reject) => {
			clock.schedule(() => (error === undefined ? resolve(value) : reject(error)), ms);
		});
	const stateOf = (key = 'k') => store.inspect({ name: 'pay', key })?.state;
	return { clock, store, once, work, stateOf };
}

describe('work that is run once', () => {
	it('is done by the first call, whose result all others get as it was', async () => {
		const { clock, once, work } = setUp();
		const value = { list: [1] };
		const calls = [1, 2, 3].map(() => watch(once.execute(work(100, value), { key: 'k' })));
		await clock.run(100);
		value.list.push(2);
		expect(calls.map(({ result }) => result)).toEqual([
			{ kind: 'done', value },
			{ kind: 'replay', value: { list: [1] }, ageMs: 0 },
			{ kind: 'replay', value: { list: [1] }, ageMs: 0 },
		]);
		expect(clock.pendingTimers).toBe(0);
	});

	it('keeps its lease for as long as it takes', async () => {
		const { clock, once, work, stateOf } = setUp({ maxWaitMs: 600_000 });
		const first = watch(once.execute(work(10 * LEASE_MS, 1), { key: 'k' }));
		const second = watch(once.execute(work(1, 2), { key: 'k' }));
		await clock.run(9 * LEASE_MS);
		expect(stateOf()).toBe('running');
		await clock.run(LEASE_MS);
		expect([first.result, second.result]).toMatchObject([
			{ kind: 'done', value: 1 },
			{ kind: 'replay', value: 1 },
		]);
	});

	it('is taken over by who waits when its lease is over, and then ends for nothing', async () => {
		const { clock, store, once, work } = setUp();
		const first = watch(once.execute(work(2 * LEASE_MS, 1), { key: 'k' }));
		await settled();
		// As if the process stood still: nothing is renewed.
		const extend = store.extend.bind(store);
		store.extend = () => 'held';
		const second = watch(once.execute(work(10, 2), { key: 'k' }));
		await clock.run(LEASE_MS + 10);
		store.extend = extend;
		expect(second.result).toEqual({ kind: 'done', value: 2 });
		await clock.run(LEASE_MS);
		expect(first.error).toMatchObject({ code: 'RUN_LOST' });
	});

	it('is tried by one after the other while it fails, and throws as it is', async () => {
		const { clock, once, work, stateOf } = setUp();
		const failing = new Error('down');
		const first = watch(once.execute(work(10, 0, failing), { key: 'k' }));
		const second = watch(once.execute(work(10, 2), { key: 'k' }));
		await clock.run(10);
		expect(first.error).toBe(failing);
		await clock.run(10);
		expect(second.result).toEqual({ kind: 'done', value: 2 });
		expect(stateOf()).toBe('done');
	});

	it('returns the failure to who asks for that', async () => {
		const { clock, once, work } = setUp({ whenFailed: 'return' });
		const failing = Object.assign(new Error('down'), { statusCode: 503 });
		watch(once.execute(work(10, 0, failing), { key: 'k' }));
		await clock.run(10);
		expect(await once.execute(work(10, 0), { key: 'k' })).toMatchObject({
			kind: 'failed',
			failure: { message: 'down', statusCode: 503 },
		});
	});

	it('is waited for no longer than the maximum, nor than a deadline', async () => {
		const { clock, once, work } = setUp({ maxWaitMs: 2_000 });
		watch(once.execute(work(60_000, 1), { key: 'k' }));
		const patient = watch(once.execute(work(1, 2), { key: 'k' }));
		const deadlineAt = clock.now() + 500;
		const pressed = watch(once.execute(work(1, 2), { key: 'k', deadlineAt }));
		await clock.run(500);
		expect([patient.ended, pressed.ended]).toEqual([false, true]);
		expect(pressed.error).toMatchObject({ code: 'ALREADY_RUNNING', policy: 'pay', key: 'k' });
		await clock.run(1_499);
		expect(patient.ended).toBe(false);
		await clock.run(1);
		expect(patient.error).toMatchObject({ code: 'ALREADY_RUNNING' });
	});

	it('is given up at once by who is cancelled while waiting', async () => {
		const { clock, once, work } = setUp();
		watch(once.execute(work(5_000, 1), { key: 'k' }));
		const controller = new AbortController();
		const waiting = watch(once.execute(work(1, 2), { key: 'k', signal: controller.signal }));
		await settled();
		controller.abort();
		await settled();
		expect(waiting.error).toMatchObject({ code: 'CANCELLED' });
		await clock.run(5_000);
		expect(clock.pendingTimers).toBe(0);
	});

	it('is let go at once by who is cancelled before it starts, and lapses if cancelled later', async () => {
		const { clock, once, work, stateOf } = setUp();
		const signal = AbortSignal.abort();
		await expect(once.execute(work(1, 1), { key: 'k', signal })).rejects.toMatchObject({
			code: 'CANCELLED',
		});
		expect(stateOf()).toBe('lapsed');
		const controller = new AbortController();
		const running = watch(
			once.execute(work(10, 0, new Error('stopped')), { key: 'k', signal: controller.signal }),
		);
		await settled();
		controller.abort();
		await clock.run(10);
		expect(running.error).toMatchObject({ message: 'stopped' });
		expect(stateOf()).toBe('running');
		await clock.run(LEASE_MS);
		expect(stateOf()).toBe('lapsed');
	});
});

describe('what is kept', () => {
	const options = (maxResultBytes: number) => parseOptions(runOnceOptions, { maxResultBytes });

	it('is never larger than allowed, in bytes and not in characters', () => {
		fc.assert(
			fc.property(
				fc.string({ unit: 'grapheme', maxLength: 60 }),
				fc.integer({ min: 1, max: 200 }),
				(text, most) => {
					const bytes = new TextEncoder().encode(JSON.stringify(text)).length;
					expect(endOfResult(text, options(most)).state).toBe(bytes <= most ? 'done' : 'unkept');
				},
			),
		);
	});

	it('is only what JSON can hold', () => {
		const circle: Record<string, unknown> = {};
		circle.self = circle;
		for (const value of [circle, 1n, undefined, () => 1]) {
			expect(endOfResult(value, options(1_000))).toMatchObject({
				state: 'unkept',
				failure: { code: 'RUN_NOT_KEPT' },
			});
		}
	});

	it('of a failure is its words, never endless ones, and no more', () => {
		const failure = { message: 'm'.repeat(1e6), code: 'c'.repeat(1e6), secret: 'no' };
		const end = endOfFailure(failure);
		expect(JSON.stringify(end).length).toBeLessThan(10_000);
		expect(JSON.stringify(end)).not.toContain('secret');
	});
});
