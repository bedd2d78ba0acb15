import { RateLimiterMemory } from 'rate-limiter-flexible';

import type { Admission, Awaitable } from '../../core/ports';
import type { Side } from '../alternate';
import { compare } from '../compare';
import type { Benchmark, Effort, Measurement } from '../benchmark';
import { loadBulwark } from '../load-bulwark';

const LIMIT = 1_000_000;
const PERIOD_MS = 3_600_000;
const TOO_LOW = 'The limit is too low to measure with.';
const KEYS = Array.from({ length: 1_000 }, (_, index) => `user:${10_000 + index}`);

const against = (id: string, title: string, ours: () => Side): Benchmark => ({
	id,
	title: `${title}, 1,000 keys; rate-limiter-flexible RateLimiterMemory`,
	unit: 'x',
	target: id === 'limiter-memory' ? { atLeast: 1 } : undefined,
	measure: async (effort: Effort): Promise<Measurement> =>
		await compare(ours(), rateLimiterFlexible(), effort),
});

/** The in-process store answers at once. The keys vary, so each call builds its guard and request. */
function bulwark(algorithm: string): Side {
	const admit = admitting(algorithm);
	return async (calls) => {
		for (let call = 0; call < calls; call++) {
			if (admit(KEYS[call % KEYS.length]!).status !== 'granted') throw new Error(TOO_LOW);
		}
	};
}

/** As a caller does it who does not know whether the store answers at once. */
function awaited(algorithm: string): Side {
	const admit: (key: string) => Awaitable<Admission> = admitting(algorithm);
	return async (calls) => {
		for (let call = 0; call < calls; call++) {
			if ((await admit(KEYS[call % KEYS.length]!)).status !== 'granted') throw new Error(TOO_LOW);
		}
	};
}

function admitting(algorithm: string): (key: string) => Admission {
	const { MemoryPolicyStore, createPermitIds, definePolicy, guard, systemClock } = loadBulwark();
	const store = new MemoryPolicyStore(systemClock);
	const newPermitId = createPermitIds();
	const burst = algorithm === 'gcra' ? { burst: LIMIT } : {};
	const options = { algorithm, limit: LIMIT, periodMs: PERIOD_MS, ...burst };
	const policy = definePolicy('rate-limiter', 'bench', options);
	return (key) =>
		store.admit({
			permitId: newPermitId(),
			guards: [guard(policy, key)],
			attempt: 1,
			leaseMs: 30_000,
		});
}

function rateLimiterFlexible(): Side {
	const limiter = new RateLimiterMemory({
		points: LIMIT,
		duration: PERIOD_MS / 1_000,
		keyPrefix: '',
	});
	return async (calls) => {
		for (let call = 0; call < calls; call++) await limiter.consume(KEYS[call % KEYS.length]!);
	};
}

/** The default, which keeps the limit in every window; the peer's is a fixed window. */
export const limiterMemory = against('limiter-memory', 'Sliding-window limiter', () =>
	bulwark('sliding-window'),
);

export const limiterMemoryGcra = against('limiter-memory-gcra', 'GCRA limiter', () =>
	bulwark('gcra'),
);

export const limiterMemoryFixed = against('limiter-memory-fixed', 'Fixed-window limiter', () =>
	bulwark('fixed-window'),
);

export const limiterMemoryAwaited = against(
	'limiter-memory-awaited',
	'Sliding-window limiter, answer awaited',
	() => awaited('sliding-window'),
);
