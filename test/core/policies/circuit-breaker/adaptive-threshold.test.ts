import { setUp } from './set-up';

describe('a circuit breaker with an adaptive threshold', () => {
	const adaptive = {
		thresholdStrategy: 'adaptive',
		failureRateThreshold: 25,
		slidingWindowSize: 20,
		minimumNumberOfCalls: 20,
	};
	const threshold = ({ store }: ReturnType<typeof setUp>) =>
		store.inspect({ kind: 'circuit-breaker', name: 'service', key: '' })!.figures
			.failureRateThreshold;
	/** Calls of which one in `every` fails. */
	const callSome = ({ call }: ReturnType<typeof setUp>, calls: number, every: number) => {
		for (let index = 1; index <= calls; index++) call(index % every === 0 ? 'failure' : 'success');
	};

	it('does not open at failures that are usual, once it knows them', () => {
		const breaker = setUp(adaptive);
		// One in five, so that the first calls do not open it.
		callSome(breaker, 220, 5);
		expect(threshold(breaker)).toBeCloseTo(40, 5);
		callSome(breaker, 60, 3);
		expect(breaker.state()).toBe('closed');
		callSome(breaker, 20, 2);
		expect(breaker.state()).toBe('open');
	});

	it('goes by the threshold as it is set until it knows ten times the calls it needs', () => {
		const breaker = setUp(adaptive);
		callSome(breaker, 215, 5);
		expect(threshold(breaker)).toBe(25);
		callSome(breaker, 5, 5);
		expect(threshold(breaker)).toBeGreaterThan(25);
	});

	it('learns nothing from the calls that opened it, nor while it is not closed', () => {
		const breaker = setUp({ ...adaptive, waitDurationInOpenStateMs: 100 });
		callSome(breaker, 400, 5);
		// All that leaves the window until it opens is usual: one in five of the next twenty calls.
		let made = 0;
		while (breaker.state() === 'closed') made += Number(breaker.call('failure') === 'granted');
		expect(made).toBeLessThan(10);
		const opened = threshold(breaker)!;
		expect(Math.abs(opened - 40)).toBeLessThan(1);
		breaker.clock.advance(100);
		for (let probe = 0; probe < 3; probe++) breaker.call('success');
		expect(breaker.state()).toBe('closed');
		expect(threshold(breaker)).toBe(opened);
	});

	it('stays between the threshold and the highest one', () => {
		const breaker = setUp({ ...adaptive, maxFailureRateThreshold: 30 });
		callSome(breaker, 400, 5);
		expect(threshold(breaker)).toBe(30);
		const spotless = setUp(adaptive);
		callSome(spotless, 400, 1_000);
		expect(threshold(spotless)).toBe(25);
	});

	it('forgets what is usual when it is reset, and when nobody calls for long', () => {
		const breaker = setUp({ ...adaptive, idleResetMs: 3_000 });
		callSome(breaker, 400, 5);
		breaker.store.override(breaker.policy, '', 'close');
		expect(threshold(breaker)).toBeCloseTo(40, 0);
		breaker.store.override(breaker.policy, '', 'reset');
		expect(threshold(breaker)).toBe(25);
		callSome(breaker, 400, 5);
		breaker.clock.advance(3_000);
		breaker.call('success');
		expect(threshold(breaker)).toBe(25);
	});
});
