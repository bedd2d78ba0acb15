import { CancelledError, PermanentError, RejectedError, TimeoutError } from '../../../core/errors';
import { parseOptions } from '../../../core/options';
import { PostponedError, type AttemptContext } from '../../../core/pipeline';
import { definePolicy } from '../../../core/policies/define';
import { retryOptions } from '../../../core/policies/retry';
import { settled } from '../../support/fake-clock';
import { LEASE_MS, setUp, watch } from './set-up';

const retry = (raw: Record<string, unknown> = {}) =>
	parseOptions(retryOptions, { jitter: 'none', backoffType: 'constant', ...raw });
const limiter = (raw = {}) => definePolicy('rate-limiter', 'limiter', raw);
const breaker = (raw = {}, name = 'breaker') => definePolicy('circuit-breaker', name, raw);
const bulkhead = (raw = {}) => definePolicy('bulkhead', 'bulkhead', raw);
const timeout = (raw = {}) => definePolicy('timeout', 'timeout', raw);
const down = new Error('down');

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

describe('leases', () => {
	const holders = ({ store }: ReturnType<typeof setUp>) =>
		store.inspect({ kind: 'bulkhead', name: 'bulkhead', key: '' })?.figures.holders ?? 0;

	it.each([
		['succeeds', undefined, {}],
		['fails', down, {}],
		['times out', undefined, { attemptTimeout: timeout({ timeoutMs: 9 * LEASE_MS }) }],
	])('are kept while the work runs and go back when it %s', async (_how, error, more) => {
		const set = setUp({ bulkhead: bulkhead({ maxConcurrentCalls: 1 }), ...more });
		const call = watch(set.pipeline.execute(set.work(10 * LEASE_MS, error)));
		await set.clock.run(8.9 * LEASE_MS);
		expect(call.ended).toBe(false);
		expect(holders(set)).toBe(1);
		await set.clock.run(2 * LEASE_MS);
		expect(call.ended).toBe(true);
		expect(holders(set)).toBe(0);
		expect(set.clock.pendingTimers).toBe(0);
	});

	it('of running work are kept when a breaker trips meanwhile', async () => {
		const service = breaker({ minimumNumberOfCalls: 1 });
		const set = setUp({
			circuitBreakers: [service],
			bulkhead: bulkhead({ maxConcurrentCalls: 1 }),
		});
		const call = watch(set.pipeline.execute(set.work(10 * LEASE_MS)));
		await set.clock.run(LEASE_MS);
		set.store.override(service, '', 'open');
		await set.clock.run(5 * LEASE_MS);
		set.store.override(service, '', 'close');
		expect(holders(set)).toBe(1);
		await set.clock.run(10 * LEASE_MS);
		expect(call.result).toBe('done');
		expect(holders(set)).toBe(0);
	});

	it('keep a breaker from forgetting a call that runs longer than it remembers', async () => {
		const service = breaker({ minimumNumberOfCalls: 1, idleResetMs: 5_000 });
		const set = setUp({ circuitBreakers: [service], bulkhead: bulkhead() });
		void set.pipeline.execute(set.work(20_000, down)).catch(() => undefined);
		await set.clock.run(20_000);
		const address = { kind: 'circuit-breaker', name: 'breaker', key: '' } as const;
		expect(set.store.inspect(address)?.state).toBe('open');
	});

	it('run on while the store cannot be reached, and nobody is told that they are lost', async () => {
		const set = setUp({ bulkhead: bulkhead({ maxConcurrentCalls: 1 }) });
		const extend = set.store.extend.bind(set.store);
		let calls = 0;
		set.store.extend = (permit, leaseMs) => {
			if (++calls % 2 === 1) throw new Error('unreachable');
			return extend(permit, leaseMs);
		};
		void set.pipeline.execute(set.work(5 * LEASE_MS));
		await set.clock.run(4 * LEASE_MS);
		expect(calls).toBeGreaterThan(5);
		expect(holders(set)).toBe(1);
		await set.clock.run(LEASE_MS);
		expect(set.clock.pendingTimers).toBe(0);
	});

	it('that are lost are reported once', async () => {
		const policy = bulkhead();
		const set = setUp({ bulkhead: policy });
		const admission = set.store.admit({
			permitId: 'mine',
			guards: [{ policy, key: '', weight: 1, priority: 0 }],
			attempt: 1,
			leaseMs: LEASE_MS,
		});
		if (admission.status !== 'granted') throw new Error('must be granted');
		const onLost = jest.fn();
		set.leases.keep(admission.permit, onLost);
		await set.clock.run(2 * LEASE_MS);
		expect(onLost).not.toHaveBeenCalled();
		set.store.override(policy, '', 'reset');
		await set.clock.run(5 * LEASE_MS);
		expect(onLost).toHaveBeenCalledTimes(1);
		set.leases.release(admission.permit);
		expect(set.clock.pendingTimers).toBe(0);
	});
});

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
