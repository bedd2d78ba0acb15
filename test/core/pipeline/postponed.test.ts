import { PostponedError } from '../../../core/pipeline';
import { setUp, watch } from './set-up';
import { retry, limiter, breaker, down } from './policies';

describe('a wait that is too long to be held', () => {
	it('postpones a retry, and the call goes on where it was', async () => {
		const { pipeline, clock, admitted, work } = setUp({
			retry: retry({ maxAttempts: 3, delayMs: 100_000, maxDelayMs: 100_000 }),
			rateLimiter: limiter(),
			circuitBreakers: [breaker()],
		});
		const startedAt = clock.now();
		const call = watch(pipeline.execute(work(10, down), { longestWaitMs: 65_000 }));
		await clock.run(10);
		const postponed = call.error as PostponedError;
		expect(postponed).toBeInstanceOf(PostponedError);
		expect(postponed.dueAt - startedAt).toBe(100_010);
		expect(clock.pendingTimers).toBe(0);

		await clock.run(postponed.dueAt - clock.now());
		const resume = JSON.parse(JSON.stringify(postponed.progress));
		const resumed = watch(pipeline.execute(work(10), { longestWaitMs: 65_000, resume }));
		await clock.run(10);
		expect(resumed.result).toBe('done');
		expect(admitted.map(({ attempt, guards }) => [attempt, guards.length])).toEqual([
			[1, 2],
			[2, 1],
		]);
	});

	it('postpones a wait for the limiter, which has counted nothing yet', async () => {
		const { pipeline, clock } = setUp({
			rateLimiter: limiter({ algorithm: 'fixed-window', limit: 1, periodMs: 3_600_000 }),
			rateLimiterMaxWaitMs: 7_200_000,
		});
		await pipeline.execute(() => 1);
		const startedAt = clock.now();
		const call = watch(pipeline.execute(() => 2, { longestWaitMs: 65_000 }));
		await clock.run(0);
		const postponed = call.error as PostponedError;
		expect(postponed).toMatchObject({ dueAt: startedAt + 3_600_000, progress: { attempt: 1 } });
		await clock.run(3_600_000);
		expect(await pipeline.execute(() => 2, { resume: postponed.progress })).toBe(2);
	});
});
