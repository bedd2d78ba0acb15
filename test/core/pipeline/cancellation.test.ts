import { CancelledError } from '../../../core/errors';
import { type AttemptContext } from '../../../core/pipeline';
import { settled } from '../../support/fake-clock';
import { setUp, watch } from './set-up';
import { retry, limiter, breaker, bulkhead, timeout, down } from './policies';

describe('cancellation', () => {
	const everything = () =>
		setUp({
			retry: retry({ maxAttempts: 3, delayMs: 60_000, maxDelayMs: 60_000 }),
			circuitBreakers: [breaker({ minimumNumberOfCalls: 1 })],
			bulkhead: bulkhead({ maxConcurrentCalls: 1 }),
			rateLimiter: limiter({ algorithm: 'fixed-window', limit: 2, periodMs: 60_000 }),
			rateLimiterMaxWaitMs: 120_000,
			attemptTimeout: timeout(),
		});

	it('before the start runs nothing', async () => {
		const { pipeline, admitted } = everything();
		const work = jest.fn();
		const call = pipeline.execute(work, { signal: AbortSignal.abort() });
		await expect(call).rejects.toBeInstanceOf(CancelledError);
		expect(work).not.toHaveBeenCalled();
		expect(admitted).toEqual([]);
	});

	it('during the work ends at once, tells the work and counts nowhere', async () => {
		const { pipeline, clock, outcomes } = everything();
		const controller = new AbortController();
		let context: AttemptContext | undefined;
		let fail!: (error: unknown) => void;
		const call = watch(
			pipeline.execute(
				(given) => {
					context = given;
					return new Promise((_, reject) => (fail = reject));
				},
				{ signal: controller.signal },
			),
		);
		await settled();
		controller.abort();
		await settled();
		expect(call.error).toBeInstanceOf(CancelledError);
		expect(context!.signal.aborted).toBe(true);
		expect(outcomes()).toEqual(['ignored']);
		expect(clock.pendingTimers).toBe(0);
		// What the work then ends with must not become an unhandled rejection, which would fail this test.
		fail(down);
		await settled();
	});

	it('by the work itself, while it starts, leaves no rejection unhandled', async () => {
		const { pipeline, outcomes } = everything();
		const controller = new AbortController();
		const call = pipeline.execute(
			() => {
				controller.abort();
				return Promise.reject(down);
			},
			{ signal: controller.signal },
		);
		await expect(call).rejects.toBeInstanceOf(CancelledError);
		await settled();
		expect(outcomes()).toEqual(['ignored']);
	});

	it.each([
		['for a slot', [20_000]],
		['for the limiter', [0, 0]],
	])('ends a wait %s at once and gives the place up', async (_what, durations) => {
		const { pipeline, clock, store, work, settled: settlements } = everything();
		for (const duration of durations) {
			void pipeline.execute(work(duration)).catch(() => undefined);
			await clock.run(duration === 0 ? 1 : 0);
		}
		const controller = new AbortController();
		const running = jest.fn();
		const call = watch(pipeline.execute(running, { signal: controller.signal }));
		await clock.run(10);
		expect(call.ended).toBe(false);
		controller.abort();
		await settled();
		expect(call.error).toBeInstanceOf(CancelledError);
		const queue = store.inspect({ kind: 'bulkhead', name: 'bulkhead', key: '' });
		expect(queue?.figures.queued ?? 0).toBe(0);
		await clock.run(300_000);
		expect(running).not.toHaveBeenCalled();
		expect(settlements).toHaveLength(durations.length);
		expect(clock.pendingTimers).toBe(0);
	});

	it('ends a wait for a retry at once', async () => {
		const { pipeline, clock } = setUp({ retry: retry({ delayMs: 60_000, maxDelayMs: 60_000 }) });
		const controller = new AbortController();
		const call = watch(pipeline.execute(() => Promise.reject(down), { signal: controller.signal }));
		await clock.run(59_999);
		expect(call.ended).toBe(false);
		controller.abort();
		await settled();
		expect(call.error).toBeInstanceOf(CancelledError);
		expect(clock.pendingTimers).toBe(0);
	});
});
