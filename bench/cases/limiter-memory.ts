import { RateLimiterMemory } from 'rate-limiter-flexible';

import type { PolicyStore } from '../../core/ports';
import { alternate, type Side } from '../alternate';
import type { Benchmark, Effort, Measurement } from '../benchmark';
import { loadBulwark } from '../load-bulwark';

const LIMIT = 1_000_000;
const PERIOD_MS = 3_600_000;
const KEYS = Array.from({ length: 1_000 }, (_, index) => `user:${10_000 + index}`);

const against = (id: string, algorithm: string, title: string): Benchmark => ({
	id,
	title: `${title}, 1,000 keys; rate-limiter-flexible RateLimiterMemory`,
	unit: 'x',
	target: id === 'limiter-memory' ? { atLeast: 1 } : undefined,
	measure: async (effort: Effort): Promise<Measurement> =>
		await alternate(bulwark(algorithm), rateLimiterFlexible(), effort),
});

/** The keys vary, so each call builds its guard and request. */
function bulwark(algorithm: string): Side {
	const { MemoryPolicyStore, createPermitIds, definePolicy, guard, systemClock } = loadBulwark();
	// As callers see it, who do not know whether the store answers at once.
	const store: PolicyStore = new MemoryPolicyStore(systemClock);
	const newPermitId = createPermitIds();
	const burst = algorithm === 'gcra' ? { burst: LIMIT } : {};
	const options = { algorithm, limit: LIMIT, periodMs: PERIOD_MS, ...burst };
	const policy = definePolicy('rate-limiter', 'bench', options);
	return async (calls) => {
		for (let call = 0; call < calls; call++) {
			const admission = await store.admit({
				permitId: newPermitId(),
				guards: [guard(policy, KEYS[call % KEYS.length])],
				attempt: 1,
				leaseMs: 30_000,
			});
			if (admission.status !== 'granted') throw new Error('The limit is too low to measure with.');
		}
	};
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
export const limiterMemory = against('limiter-memory', 'sliding-window', 'Sliding-window limiter');

export const limiterMemoryGcra = against('limiter-memory-gcra', 'gcra', 'GCRA limiter');

export const limiterMemoryFixed = against(
	'limiter-memory-fixed',
	'fixed-window',
	'Fixed-window limiter',
);
