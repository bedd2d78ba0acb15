import fc from 'fast-check';

import { MemoryIdempotencyStore } from '../../../adapters/memory';
import type { BeginRequest, Run, RunAnswer, RunEnd } from '../../../core/ports';
import { FakeClock, settled } from '../../support/fake-clock';
import { RunHistory, runStep } from './run-histories';

const request = (runId: string, more: Partial<BeginRequest> = {}): BeginRequest => ({
	runId,
	name: 'pay',
	key: '1',
	whenRunning: 'wait',
	whenFailed: 'run-again',
	leaseMs: 1_000,
	resultTtlMs: 10_000,
	...more,
});

const DONE: RunEnd = { state: 'done', resultJson: '{}' };
const FAILED: RunEnd = { state: 'failed', failure: { message: 'no' } };

function runOf(answer: RunAnswer): Run {
	if (answer.status !== 'started') throw new Error(`It must be free, and is ${answer.status}`);
	return answer.run;
}

it('keeps its rules over all histories', async () => {
	let steps = 0;
	const history = fc.array(runStep, { maxLength: 500, size: 'max' });
	await fc.assert(
		fc.asyncProperty(history, async (played) => {
			steps += played.length;
			const clock = new FakeClock();
			await new RunHistory(clock, [new MemoryIdempotencyStore(clock)]).play(played);
		}),
		{ numRuns: 520 },
	);
	expect(steps).toBeGreaterThanOrEqual(100_000);
});

describe('who waits', () => {
	/** A request that found the work running, and how its wait goes. */
	function waitFor(store: MemoryIdempotencyStore, runId: string, maxMs = 60_000) {
		const asked = request(runId);
		expect(store.begin(asked).status).toBe('running');
		const wait = { asked, isOver: false };
		void store.awaitEnd(asked, maxMs).then(() => (wait.isOver = true));
		return wait;
	}

	it('is woken by the end, however it came about', async () => {
		for (const end of [DONE, FAILED]) {
			const clock = new FakeClock();
			const store = new MemoryIdempotencyStore(clock);
			const run = runOf(store.begin(request('a:1')));
			const waits = [waitFor(store, 'a:2'), waitFor(store, 'a:3')];
			await settled();
			expect(waits.map(({ isOver }) => isOver)).toEqual([false, false]);
			store.end(run, end);
			await settled();
			expect(waits.map(({ isOver }) => isOver)).toEqual([true, true]);
			expect(clock.pendingTimers).toBe(0);
		}
	});

	it('waits no longer than it wants to, nor when the end was there before', async () => {
		const clock = new FakeClock();
		const store = new MemoryIdempotencyStore(clock);
		const run = runOf(store.begin(request('a:1')));
		const wait = waitFor(store, 'a:2', 100);
		await clock.run(99);
		expect(wait.isOver).toBe(false);
		await clock.run(1);
		expect(wait.isOver).toBe(true);
		store.end(run, DONE);
		await store.awaitEnd(wait.asked, 60_000);
		expect(clock.pendingTimers).toBe(0);
	});

	it('is let go when it gives up, and when the work is forgotten by hand', async () => {
		const clock = new FakeClock();
		const store = new MemoryIdempotencyStore(clock);
		runOf(store.begin(request('a:1')));
		const [first, second] = [waitFor(store, 'a:2'), waitFor(store, 'a:3')];
		store.withdraw(first.asked);
		await settled();
		expect([first.isOver, second.isOver]).toEqual([true, false]);
		store.forget(second.asked);
		await settled();
		expect(second.isOver).toBe(true);
		expect(store.begin(second.asked).status).toBe('started');
	});
});

describe('memory', () => {
	it('lets old keys go as new ones come', () => {
		const clock = new FakeClock();
		const store = new MemoryIdempotencyStore(clock);
		for (let key = 0; key < 10_000; key++) {
			const run = runOf(store.begin(request(`a:${key}`, { key: `${key}`, resultTtlMs: 1_000 })));
			store.end(run, DONE);
			clock.advance(10);
		}
		// 100 are not over yet.
		expect(store.size).toBeLessThan(300);
	});

	it('drops the oldest results when all are too large, but not that they are done', () => {
		const clock = new FakeClock();
		const store = new MemoryIdempotencyStore(clock, 10_000);
		const text = 'x'.repeat(1_000);
		const finish = (key: string) => {
			const run = runOf(store.begin(request(`a:${key}`, { key })));
			store.end(run, { state: 'done', resultJson: JSON.stringify(text) });
		};
		const keys = Array.from({ length: 8 }, (_, index) => `${index}`);
		keys.forEach(finish);
		const states = keys.map((key) => store.inspect({ name: 'pay', key })?.state);
		expect(states).toEqual([...Array(4).fill('unkept'), ...Array(4).fill('done')]);
		expect(store.begin(request('b:1', { key: '0' }))).toMatchObject({
			status: 'ended',
			end: {
				failure: { code: 'RUN_NOT_KEPT', remedy: expect.stringContaining('Redis') as string },
			},
		});
		// What has made room once makes no more: after a new time to live the next ones fit.
		clock.advance(10_000);
		keys.forEach(finish);
		expect(store.inspect({ name: 'pay', key: '7' })?.state).toBe('done');
	});
});
