import { createPermitIds, systemClock } from '../../../adapters/system';
import { LeasingPolicyStore } from '../../../core/local-leases';
import { definePolicy } from '../../../core/policies/define';
import { noteFigure } from '../../support/note-figure';
import { expectWithinLimit } from '../../support/limit-windows';
import { longLeasedLimiter } from '../../support/long-leased-limiter';
import { useStoreWorkers, type LeasedCall } from '../../support/store-workers';

const WORKERS = 4;
const DURATION_MS = 4_000;

const shared = useStoreWorkers();

describe('processes that lease permits of limiters in Redis', () => {
	const LIMITS = { limit: 2_000, periodMs: 1_000, localLeases: true, leaseMaxAgeMs: 200 };
	const limiters = [
		definePolicy('rate-limiter', 'sliding', { ...LIMITS, algorithm: 'sliding-window' }),
		definePolicy('rate-limiter', 'fixed', { ...LIMITS, algorithm: 'fixed-window' }),
		definePolicy('rate-limiter', 'bucket', { ...LIMITS, algorithm: 'gcra', burst: 500 }),
	];
	let calls: LeasedCall[] = [];

	beforeAll(async () => {
		const workers = await Promise.all(
			// A minute behind, right, and a minute ahead.
			Array.from({ length: WORKERS }, (_, index) => shared.startWorker(((index % 3) - 1) * 60_000)),
		);
		const made = await Promise.all(
			workers.map((worker) => worker.ask('useLeases', limiters, DURATION_MS)),
		);
		calls = made.flat().sort((one, other) => one.at - other.at);
	});

	it.each(limiters)('keep to the limit of $name together', ({ name, options }) => {
		const made = calls.filter(({ policy }) => policy === name);
		expectWithinLimit(options, made, options.leaseMaxAgeMs);
		expect(made.length).toBeGreaterThan((LIMITS.limit * DURATION_MS) / LIMITS.periodMs / 10);
		const atOnce = made.filter(({ isAtOnce }) => isAtOnce).length / made.length;
		noteFigure(
			`leases of a ${options.algorithm} limiter: calls without a round trip`,
			100 * atOnce,
			'%',
		);
		// A full bucket has permits one by one, and so they are asked for.
		if (options.algorithm !== 'gcra') expect(atOnce).toBeGreaterThan(0.5);
	});
});

it('gives back what a worker has not used when it ends', async () => {
	const { store, request } = shared.own;
	const { kind, name } = longLeasedLimiter;
	const remaining = async () => (await store.inspect({ kind, name, key: '' }))?.figures.remaining;
	const leasing = new LeasingPolicyStore(store, systemClock, createPermitIds());
	for (let call = 0; call < 20; call++) await leasing.admit(request([longLeasedLimiter]));
	expect(await remaining()).toBeLessThan(9_980);
	await leasing.drain();
	expect(await remaining()).toBe(9_980);
});
