import { setUp } from './set-up';

const WAIT_MS = 30_000;

function breaker() {
	const made = setUp({ consecutiveFailureThreshold: 1, waitDurationInOpenStateMs: WAIT_MS });
	const { clock, store, policy } = made;
	const start = clock.now();
	const seen = () => {
		const found = store.inspect({ kind: policy.kind, name: policy.name, key: '' })!;
		const { retryAfterMs, timesOpened } = found.figures;
		const sinceMs = found.since === undefined ? undefined : found.since - start;
		return { state: found.state, sinceMs, retryAfterMs, timesOpened };
	};
	return { ...made, seen };
}

it('tells since when it is open and for how long yet, and the same of what comes next', () => {
	const { clock, call, admit, seen } = breaker();
	call('success');
	expect(seen()).toEqual({
		...{ state: 'closed', sinceMs: undefined },
		...{ retryAfterMs: 0, timesOpened: 0 },
	});
	clock.advance(100);
	call('failure');
	clock.advance(22_000);
	expect(seen()).toEqual({
		...{ state: 'open', sinceMs: 100 },
		...{ retryAfterMs: WAIT_MS - 22_000, timesOpened: 1 },
	});
	clock.advance(10_000);
	expect(seen()).toMatchObject({ state: 'open', sinceMs: 100, retryAfterMs: 0 });
	admit();
	clock.advance(1);
	expect(seen()).toMatchObject({ state: 'half-open', sinceMs: 32_100 });
	clock.advance(1);
	call('failure');
	expect(seen()).toMatchObject({ state: 'open', sinceMs: 32_102, timesOpened: 2 });
	clock.advance(WAIT_MS);
	for (let probe = 0; probe < 3; probe++) call('success');
	expect(seen()).toMatchObject({ state: 'closed', sinceMs: undefined, timesOpened: 0 });
});

it('is half-open since its first probe, however many had to be replaced', () => {
	const { clock, call, admit, seen } = breaker();
	call('failure');
	clock.advance(WAIT_MS);
	for (let probe = 0; probe < 3; probe++) admit();
	expect(seen()).toMatchObject({ state: 'half-open', sinceMs: WAIT_MS, retryAfterMs: 300 });
	clock.advance(300);
	admit();
	expect(seen()).toMatchObject({ state: 'half-open', sinceMs: WAIT_MS, retryAfterMs: 0 });
});

it.each(['open', 'isolate'] as const)(
	'keeps since when it is so when told to %s again',
	(action) => {
		const { clock, store, policy, seen } = breaker();
		clock.advance(7);
		store.override(policy, '', action);
		clock.advance(5_000);
		store.override(policy, '', action);
		expect(seen().sinceMs).toBe(7);
		store.override(policy, '', action === 'open' ? 'isolate' : 'open');
		expect(seen().sinceMs).toBe(5_007);
	},
);

it('has no time left to tell of while it is isolated', () => {
	const { store, policy, seen } = breaker();
	store.override(policy, '', 'isolate');
	expect(seen()).toEqual({
		...{ state: 'isolated', sinceMs: 0 },
		...{ retryAfterMs: undefined, timesOpened: 0 },
	});
});
