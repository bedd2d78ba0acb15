import { PermanentError, RejectedError, TimeoutError } from '../../../core/errors';
import { definePolicy } from '../../../core/policies/define';
import { setUp, watch } from './set-up';
import { retry, limiter, breaker, bulkhead, timeout, down } from './policies';

describe('a pipeline', () => {
	it('runs work without any policy as it is', async () => {
		const { pipeline, admitted } = setUp({});
		expect(await pipeline.execute(() => 5)).toBe(5);
		await expect(pipeline.execute(() => Promise.reject(down))).rejects.toBe(down);
		await expect(
			pipeline.execute(() => {
				throw down;
			}),
		).rejects.toBe(down);
		expect(admitted).toEqual([]);
	});

	it('asks all policies at once, outermost first, once an attempt, and the limiter once a call', async () => {
		const { pipeline, clock, admitted, settled, outcomes, work } = setUp({
			bulkhead: bulkhead(),
			attemptTimeout: timeout({ strategy: 'adaptive' }),
			circuitBreakers: [breaker(), breaker({}, 'parent')],
			retryBudget: definePolicy('retry-budget', 'budget'),
			retry: retry({ maxAttempts: 3, delayMs: 100 }),
			rateLimiter: limiter({ limit: 1 }),
			totalTimeoutMs: 60_000,
		});
		const call = watch(pipeline.execute(work(10, down)));
		await clock.run(10_000);
		expect(call.error).toBe(down);
		expect(admitted.map(({ guards }) => guards.map(({ policy }) => policy.name))).toEqual([
			['limiter', 'budget', 'breaker', 'parent', 'bulkhead', 'timeout'],
			['budget', 'breaker', 'parent', 'bulkhead', 'timeout'],
			['budget', 'breaker', 'parent', 'bulkhead', 'timeout'],
		]);
		expect(admitted.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
		expect(new Set(admitted.map(({ permitId }) => permitId)).size).toBe(3);
		expect(settled.map(({ permit }) => permit.id)).toEqual(
			admitted.map(({ permitId }) => permitId),
		);
		expect(outcomes()).toEqual(['failure', 'failure', 'failure']);
		expect(settled.map(({ outcome }) => outcome.latencyMs)).toEqual([10, 10, 10]);
		expect(clock.pendingTimers).toBe(0);
	});

	it('binds each policy to its own key, weight and priority', async () => {
		const { pipeline, admitted } = setUp({
			rateLimiter: limiter(),
			circuitBreakers: [breaker(), breaker({}, 'parent')],
			bulkhead: bulkhead(),
		});
		await pipeline.execute(() => 1, {
			keys: { rateLimiter: 'user', circuitBreakers: ['host'], weight: 3, priority: 2 },
		});
		expect(admitted[0]!.guards).toMatchObject([
			{ key: 'user', weight: 3, priority: 2 },
			{ key: 'host', weight: 1 },
			{ key: '', weight: 1 },
			{ key: '', priority: 2 },
		]);
	});

	it('refuses a priority that queues of servers could not tell apart from others', async () => {
		const { pipeline, admitted } = setUp({ bulkhead: bulkhead() });
		const call = async (priority: number) =>
			await pipeline.execute(() => 1, { keys: { priority } });
		for (const priority of [1_001, -1_001, 2 ** 21, 0.5, NaN, Infinity])
			await expect(call(priority)).rejects.toMatchObject({
				code: 'INVALID_OPTION',
				message: expect.stringContaining(`"Priority" is ${priority}`),
				remedy: expect.stringContaining('from -1000 to 1000'),
			});
		for (const priority of [1_000, -1_000, 0]) await call(priority);
		expect(admitted).toHaveLength(3);
	});

	it('needs no permit under a breaker that only counts failures in a row, while there are none', async () => {
		const { pipeline, clock, admitted, outcomes, work } = setUp({
			circuitBreakers: [
				breaker({
					consecutiveFailureThreshold: 2,
					failureRateThreshold: 0,
					slowCallRateThreshold: 0,
				}),
			],
			attemptTimeout: timeout({ timeoutMs: 50 }),
		});
		await pipeline.execute(() => 1);
		expect(admitted).toHaveLength(1);
		expect(await pipeline.execute(() => 2)).toBe(2);
		const late = watch(pipeline.execute(work(100)));
		const failing = watch(pipeline.execute(work(10, down)));
		const wellAfterAll = watch(pipeline.execute(work(20)));
		await clock.run(30);
		expect([failing.error, wellAfterAll.result]).toEqual([down, 'done']);
		await clock.run(30);
		expect(late.error).toBeInstanceOf(TimeoutError);
		expect(admitted).toHaveLength(1);
		expect(outcomes()).toEqual(['success', 'failure', 'success', 'failure']);
		// The success between them has broken the row, so it takes another failure.
		await expect(pipeline.execute(() => Promise.reject(down))).rejects.toBe(down);
		await expect(pipeline.execute(() => 3)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
	});

	it('neither retries nor counts what can never succeed', async () => {
		const { pipeline, outcomes } = setUp({
			retry: retry({ maxAttempts: 5 }),
			circuitBreakers: [breaker({ minimumNumberOfCalls: 1 })],
		});
		const missing = new PermanentError('no such workflow', 'Choose one');
		await expect(pipeline.execute(() => Promise.reject(missing))).rejects.toBe(missing);
		expect(outcomes()).toEqual(['ignored']);
	});

	it('takes a request that was wrong for no failure of the service, breaker or not', async () => {
		const { pipeline, outcomes } = setUp({ bulkhead: bulkhead({ strategy: 'aimd' }) });
		for (const status of [404, 408, 429, 500]) {
			const failure = Object.assign(new Error('no'), { status });
			await expect(pipeline.execute(() => Promise.reject(failure))).rejects.toBe(failure);
		}
		expect(outcomes()).toEqual(['ignored', 'failure', 'failure', 'failure']);
	});

	it('tells its policies when the service gets too many calls, whether or not that counts as a failure', async () => {
		const { pipeline, settled: settlements } = setUp({
			rateLimiter: limiter({ adaptive: true }),
			circuitBreakers: [breaker({ ignoredStatusCodes: '429' })],
		});
		for (const status of [429, 503]) {
			const refused = Object.assign(new Error('no'), { status });
			await expect(pipeline.execute(() => Promise.reject(refused))).rejects.toBe(refused);
		}
		await pipeline.execute(() => 1);
		expect(settlements.map(({ outcome }) => [outcome.kind, outcome.throttled])).toEqual([
			['ignored', true],
			['failure', false],
			['success', false],
		]);
	});

	it('does not retry a rejection, nor count it as a failure', async () => {
		const { pipeline, admitted, outcomes, store } = setUp({
			retry: retry({ maxAttempts: 5 }),
			circuitBreakers: [breaker({ minimumNumberOfCalls: 1 })],
			rateLimiter: limiter({ limit: 1 }),
		});
		await pipeline.execute(() => 1);
		await expect(pipeline.execute(() => 1)).rejects.toMatchObject({
			code: 'RATE_LIMITED',
			policy: 'limiter',
			retryAfterMs: expect.any(Number),
		});
		expect(admitted).toHaveLength(2);
		// A rejection of a nested pipeline that this one guards.
		store.override(limiter({ limit: 1 }), '', 'reset');
		const nested = new RejectedError('CIRCUIT_OPEN', 'inner', '', 5, 'open', 'wait');
		await expect(pipeline.execute(() => Promise.reject(nested))).rejects.toBe(nested);
		expect(outcomes()).toEqual(['success', 'ignored']);
		const address = { kind: 'circuit-breaker', name: 'breaker', key: '' } as const;
		expect(store.inspect(address)).toMatchObject({ state: 'closed', figures: { calls: 1 } });
	});

	it('counts failures with ignored status codes neither way', async () => {
		const { pipeline, outcomes } = setUp({ circuitBreakers: [breaker()] });
		for (const statusCode of [404, 429, 503])
			await expect(pipeline.execute(() => Promise.reject({ statusCode }))).rejects.toBeDefined();
		expect(outcomes()).toEqual(['ignored', 'failure', 'failure']);
	});

	it('stops retrying when the breaker opens, and says so', async () => {
		const { pipeline, clock, work } = setUp({
			retry: retry({ maxAttempts: 10, delayMs: 10 }),
			circuitBreakers: [breaker({ minimumNumberOfCalls: 3 })],
		});
		const call = watch(pipeline.execute(work(1, down)));
		await clock.run(1_000);
		expect(call.error).toMatchObject({ code: 'CIRCUIT_OPEN', policy: 'breaker' });
	});

	it('ends with the failure itself when the retry budget does not pay for another attempt', async () => {
		const { pipeline, clock, work, admitted } = setUp({
			retry: retry({ maxAttempts: 10, delayMs: 10 }),
			retryBudget: definePolicy('retry-budget', 'budget', { minRetriesPerSecond: 0 }),
		});
		const call = watch(pipeline.execute(work(1, down)));
		await clock.run(1_000);
		expect(call.error).toBe(down);
		expect(admitted).toHaveLength(2);
	});
});
