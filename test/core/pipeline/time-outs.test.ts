import { TimeoutError } from '../../../core/errors';
import { type AttemptContext } from '../../../core/pipeline';
import { setUp, watch } from './set-up';
import { retry, limiter, breaker, bulkhead, timeout, down } from './policies';

describe('time-outs', () => {
	it('end an attempt, tell the work, and let it be retried', async () => {
		const {
			pipeline,
			clock,
			outcomes,
			settled: settlements,
		} = setUp({
			retry: retry({ maxAttempts: 2, delayMs: 100 }),
			circuitBreakers: [breaker()],
			attemptTimeout: timeout({ timeoutMs: 50 }),
		});
		const aborted: number[] = [];
		const call = watch(
			pipeline.execute(({ attempt, signal }) => {
				signal.addEventListener('abort', () => aborted.push(attempt));
				return new Promise(() => undefined);
			}),
		);
		await clock.run(49);
		expect(aborted).toEqual([]);
		await clock.run(1);
		expect(aborted).toEqual([1]);
		expect(outcomes()).toEqual(['failure']);
		expect(settlements[0]!.outcome.timedOut).toBe(true);
		await clock.run(150);
		expect(aborted).toEqual([1, 2]);
		expect(call.error).toBeInstanceOf(TimeoutError);
		expect(call.error).toMatchObject({
			timeoutMs: 50,
			message: expect.stringContaining('attempt'),
		});
		expect(clock.pendingTimers).toBe(0);
	});

	it('bound the whole call: work, waits for a retry and attempts', async () => {
		const { pipeline, clock, work } = setUp({
			totalTimeoutMs: 1_000,
			retry: retry({ maxAttempts: 100, delayMs: 300 }),
		});
		const failing = watch(pipeline.execute(work(100, down)));
		const hanging = watch(pipeline.execute(() => new Promise(() => undefined)));
		await clock.run(899);
		expect(failing.ended).toBe(false);
		// The attempt that ends at 900 would be followed by one at 1200.
		await clock.run(1);
		expect(failing.error).toBe(down);
		await clock.run(99);
		expect(hanging.ended).toBe(false);
		await clock.run(1);
		expect(hanging.error).toMatchObject({
			timeoutMs: 1_000,
			message: expect.stringContaining('call'),
		});
		expect(clock.pendingTimers).toBe(0);
	});

	it('cut a wait for a slot', async () => {
		const { pipeline, clock, work } = setUp({ bulkhead: bulkhead({ maxConcurrentCalls: 1 }) });
		void pipeline.execute(work(10_000));
		await clock.run(500);
		const waiting = watch(pipeline.execute(work(1), { deadlineAt: clock.now() + 400 }));
		await clock.run(399);
		expect(waiting.ended).toBe(false);
		await clock.run(1);
		expect(waiting.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
		await clock.run(10_000);
		expect(clock.pendingTimers).toBe(0);
	});

	it('are what a call is told of that is over before it could wait for a slot', async () => {
		const { pipeline, clock, store, work } = setUp({
			bulkhead: bulkhead({ maxConcurrentCalls: 1 }),
		});
		void pipeline.execute(work(10_000));
		await clock.run(1);
		const admit = store.admit.bind(store);
		store.admit = (request) => {
			const answer = admit(request);
			clock.advance(60);
			return answer;
		};
		const late = watch(pipeline.execute(work(1), { deadlineAt: clock.now() + 50 }));
		await clock.run(0);
		expect(late.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
	});

	it('spare a wait for the limiter that would be in vain', async () => {
		const { pipeline, clock } = setUp({
			totalTimeoutMs: 1_000,
			rateLimiter: limiter({ algorithm: 'fixed-window', limit: 1, periodMs: 10_000 }),
			rateLimiterMaxWaitMs: 60_000,
		});
		await pipeline.execute(() => 1);
		const limited = watch(pipeline.execute(() => 2));
		await clock.run(8_999);
		expect(limited.error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 10_000 });
		// This wait is a millisecond too long, and the next one just short enough.
		const vain = watch(pipeline.execute(() => 3));
		await clock.run(2);
		expect(vain.error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 1_001 });
		const worthIt = watch(pipeline.execute(() => 4));
		await clock.run(999);
		expect(worthIt.result).toBe(4);
	});

	it('hand the nearest deadline down to the work', async () => {
		const contexts: AttemptContext[] = [];
		const work = (context: AttemptContext) => contexts.push(context);
		const { pipeline, clock } = setUp({
			totalTimeoutMs: 1_000,
			attemptTimeout: timeout({ timeoutMs: 300 }),
		});
		const now = clock.now();
		await pipeline.execute(work);
		await pipeline.execute(work, { deadlineAt: now + 100 });
		expect(contexts.map(({ deadlineAt }) => deadlineAt - now)).toEqual([300, 100]);
		const unbounded = setUp({ circuitBreakers: [breaker()] });
		await unbounded.pipeline.execute(work);
		expect(contexts[2]!.deadlineAt).toBe(Infinity);
		await expect(pipeline.execute(work, { deadlineAt: now })).rejects.toMatchObject({
			code: 'DEADLINE_EXCEEDED',
		});
		expect(contexts).toHaveLength(3);
	});

	it('hold for promises of any kind', async () => {
		const { pipeline, clock } = setUp({ attemptTimeout: timeout({ timeoutMs: 50 }) });
		const thenable = { then: () => undefined } as unknown as Promise<void>;
		const call = watch(pipeline.execute(() => thenable));
		await clock.run(50);
		expect(call.error).toBeInstanceOf(TimeoutError);
	});
});
