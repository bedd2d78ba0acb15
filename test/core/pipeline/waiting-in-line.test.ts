import assert from 'node:assert/strict';

import fc from 'fast-check';

import { CancelledError, RejectedError } from '../../../core/errors';
import type { Pipeline } from '../../../core/pipeline';
import { definePolicy } from '../../../core/policies/define';
import { settled, type FakeClock } from '../../support/fake-clock';
import { setUp, watch } from './set-up';

type Call = NonNullable<Parameters<Pipeline['execute']>[1]>;

const bulkhead = (raw = {}) =>
	definePolicy('bulkhead', 'bulkhead', { maxConcurrentCalls: 1, ...raw });

describe('calls that wait for a slot', () => {
	it('start the moment a slot is free', async () => {
		const { pipeline, clock, work } = setUp({ bulkhead: bulkhead() });
		const started: number[] = [];
		const calls = [0, 1, 2].map((index) =>
			pipeline.execute(() => {
				started.push(index);
				return work(100)();
			}),
		);
		await clock.run(0);
		expect(started).toEqual([0]);
		await clock.run(100);
		expect(started).toEqual([0, 1]);
		await clock.run(100);
		expect(started).toEqual([0, 1, 2]);
		await clock.run(100);
		expect(await Promise.all(calls)).toEqual(['done', 'done', 'done']);
		expect(clock.pendingTimers).toBe(0);
	});

	it('miss no wake-up when the slot becomes free while they are being queued', async () => {
		const { pipeline, clock } = setUp({ bulkhead: bulkhead() });
		const first = pipeline.execute(() => Promise.resolve(1));
		const second = pipeline.execute(() => 2);
		const third = pipeline.execute(() => 3);
		await settled();
		expect(clock.pendingTimers).toBe(0);
		expect(await Promise.all([first, second, third])).toEqual([1, 2, 3]);
	});

	it('let a more urgent newcomer go first without losing the slot', async () => {
		const { pipeline, clock, work } = setUp({ bulkhead: bulkhead() });
		const order: string[] = [];
		const call = (name: string, priority: number) =>
			pipeline.execute(work(100), { keys: { priority } }).then(() => order.push(name));
		const running = call('running', 0);
		const waiting = call('waiting', 0);
		await clock.run(50);
		// It comes just when the slot is free and the waiting call has been woken, but has not asked yet.
		const urgent = running.then(() => call('urgent', 1));
		await clock.run(50);
		await clock.run(200);
		await Promise.all([running, waiting, urgent]);
		expect(order[0]).toBe('running');
		expect(clock.pendingTimers).toBe(0);
	});

	it('wait at most as long as they may, counted from when they stood in line', async () => {
		const { pipeline, clock, work } = setUp({
			bulkhead: bulkhead({ maxWaitDurationMs: 1_500 }),
			rateLimiter: definePolicy('rate-limiter', 'limiter', {
				algorithm: 'fixed-window',
				limit: 1,
				periodMs: 5_000,
			}),
			rateLimiterMaxWaitMs: 60_000,
		});
		const first = watch(pipeline.execute(work(6_000)));
		const second = watch(pipeline.execute(work(1)));
		await clock.run(5_000);
		await clock.run(999);
		expect(second.ended).toBe(false);
		await clock.run(2);
		expect([first.result, second.result]).toEqual(['done', 'done']);
		const third = watch(pipeline.execute(work(6_000)));
		await clock.run(4_000);
		const fourth = watch(pipeline.execute(work(1)));
		await clock.run(5_000);
		expect([third.ended, fourth.ended]).toEqual([false, false]);
		await clock.run(10_000);
		expect(third.result).toBe('done');
	});

	it('have all their patience with the limiter when they come to the head of the line', async () => {
		const { pipeline, clock, work } = setUp({
			bulkhead: bulkhead(),
			rateLimiter: definePolicy('rate-limiter', 'limiter', {
				algorithm: 'fixed-window',
				limit: 2,
				periodMs: 10_000,
			}),
			rateLimiterMaxWaitMs: 3_000,
		});
		void pipeline.execute(work(9_000));
		const waiting = watch(pipeline.execute(work(1)));
		await clock.run(8_500);
		// Uses up the limit in another line.
		void pipeline.execute(work(1), { keys: { bulkhead: 'other' } });
		await clock.run(1_000);
		expect(waiting.ended).toBe(false);
		await clock.run(1_000);
		expect(waiting.result).toBe('done');
	});

	it('are told at once when the queue is full', async () => {
		const { pipeline, clock, work } = setUp({ bulkhead: bulkhead({ maxQueueSize: 1 }) });
		const calls = [1, 2, 3].map(() => watch(pipeline.execute(work(100))));
		await clock.run(0);
		expect(calls.map(({ ended }) => ended)).toEqual([false, false, true]);
		expect(calls[2]!.error).toMatchObject({ code: 'BULKHEAD_FULL', retryAfterMs: Infinity });
		await clock.run(200);
		expect(calls.map(({ result }) => result)).toEqual(['done', 'done', undefined]);
	});

	it.each<[how: string, options: object, code: string, ends: (clock: FakeClock) => Call]>([
		['wait too long', { maxWaitDurationMs: 50 }, 'BULKHEAD_FULL', () => ({})],
		['find the queue full', { maxQueueSize: 0 }, 'BULKHEAD_FULL', () => ({})],
		[
			'reach their deadline',
			{},
			'DEADLINE_EXCEEDED',
			(clock) => ({ deadlineAt: clock.now() + 50 }),
		],
		[
			'are cancelled',
			{},
			'CANCELLED',
			(clock) => {
				const controller = new AbortController();
				clock.schedule(() => controller.abort(), 50);
				return { signal: controller.signal };
			},
		],
	])('leave all to others when they %s', async (_, options, code, ends) => {
		const { pipeline, clock, work, store } = setUp({
			bulkhead: bulkhead(options),
			rateLimiter: definePolicy('rate-limiter', 'limiter', {
				algorithm: 'fixed-window',
				limit: 2,
				periodMs: 3_600_000,
			}),
		});
		const first = watch(pipeline.execute(work(100)));
		const inVain = [1, 2, 3].map(() => watch(pipeline.execute(work(1), ends(clock))));
		await clock.run(200);
		expect(inVain.map(({ error }) => error)).toMatchObject(Array(3).fill({ code }));
		const next = watch(pipeline.execute(work(1)));
		await clock.run(1);
		expect([first.result, next.result]).toEqual(['done', 'done']);
		expect(store.inspect({ kind: 'bulkhead', name: 'bulkhead', key: '' })).toBeUndefined();
	});

	it('all end, whatever comes: never more at a time than the limit, and nothing is left behind', async () => {
		const call = fc.record({
			afterMs: fc.nat({ max: 300 }),
			takesMs: fc.oneof(fc.constant(0), fc.nat({ max: 400 }), fc.constant(4_000)),
			cancelAfterMs: fc.option(fc.nat({ max: 1_000 }), { nil: undefined }),
			priority: fc.integer({ min: -1, max: 1 }),
			fails: fc.boolean(),
			deadlineMs: fc.option(fc.nat({ max: 2_000 }), { nil: undefined }),
		});
		let ended = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 4 }),
				fc.constantFrom(0, 200, 60_000),
				fc.array(call, { maxLength: 40, size: 'max' }),
				async (limit, maxWaitDurationMs, calls) => {
					const { pipeline, clock, store } = setUp({
						bulkhead: bulkhead({ maxConcurrentCalls: limit, maxQueueSize: 20, maxWaitDurationMs }),
						circuitBreakers: [
							definePolicy('circuit-breaker', 'breaker', { waitDurationInOpenStateMs: 100 }),
						],
					});
					let running = 0;
					const watched = [];
					for (const { afterMs, takesMs, cancelAfterMs, priority, fails, deadlineMs } of calls) {
						await clock.run(afterMs);
						const controller = new AbortController();
						if (cancelAfterMs !== undefined)
							clock.schedule(() => controller.abort(), cancelAfterMs);
						const work = ({ signal }: { signal: AbortSignal }) =>
							new Promise((resolve, reject) => {
								running++;
								assert.ok(running <= limit);
								let isOver = false;
								const end = () => {
									if (!isOver) running--;
									isOver = true;
									if (fails) reject(new Error('down'));
									else resolve('done');
								};
								// Work that heeds its signal, so that a slot is free when its permit is.
								signal.addEventListener('abort', end);
								clock.schedule(end, takesMs);
							});
						const deadlineAt = deadlineMs === undefined ? Infinity : clock.now() + deadlineMs;
						watched.push(
							watch(
								pipeline.execute(work, {
									signal: controller.signal,
									keys: { priority },
									deadlineAt,
								}),
							),
						);
					}
					await clock.run(200_000);
					for (const one of watched) {
						assert.ok(one.ended);
						ended++;
						if (one.error instanceof CancelledError || one.error instanceof RejectedError) continue;
						if (one.error) assert.match((one.error as Error).message, /down|did not finish/);
					}
					assert.equal(running, 0);
					assert.equal(clock.pendingTimers, 0);
					assert.equal(store.inspect({ kind: 'bulkhead', name: 'bulkhead', key: '' }), undefined);
				},
			),
			{ numRuns: 150 },
		);
		expect(ended).toBeGreaterThan(1_000);
	});
});
