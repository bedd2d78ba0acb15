import { definePolicy } from '../../../core/policies/define';
import type { PolicyDefinition } from '../../../core/ports';
import {
	countedTooLate,
	overLimit,
	overRate,
	probedTooEarly,
	rejectedThoughFree,
	tooManyHolders,
	tooManyProbes,
	wrongHoldings,
	type CallRecord,
	type Violation,
} from '../../support/call-history';
import { noteFigure } from '../../support/note-figure';
import { standalone } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { bundleWorker, StoreWorker } from '../../support/store-workers';

const PROCESSES = 8;
const IN_FLIGHT = 4;
const LEASE_MS = 400;

/** A minute by `npm run test:long`. */
const DURATION_MS = Number(process.env.BULWARK_HAMMER_MS ?? 8_000);
const SEED = Number(process.env.BULWARK_SEED ?? Date.now() % 2 ** 31);

const BULKHEAD = { maxConcurrentCalls: 5, maxWaitDurationMs: 0 };
const WINDOW = { algorithm: 'sliding-window', limit: 40, periodMs: 500 } as const;
const BUCKET = { algorithm: 'gcra', limit: 50, periodMs: 1_000, burst: 10 } as const;
const BREAKER = {
	failureRateThreshold: 0,
	slowCallRateThreshold: 0,
	consecutiveFailureThreshold: 5,
	waitDurationInOpenStateMs: 60,
	permittedNumberOfCallsInHalfOpenState: 3,
};

const bulkhead = definePolicy('bulkhead', 'bulkhead', BULKHEAD);
const window = definePolicy('rate-limiter', 'window', WINDOW);
const bucket = definePolicy('rate-limiter', 'bucket', BUCKET);
const breaker = definePolicy('circuit-breaker', 'breaker', BREAKER);

let server: RedisServer;
let program: Awaited<ReturnType<typeof bundleWorker>>;
let workers: StoreWorker[] = [];
/** What all processes did. */
let calls: CallRecord[] = [];

beforeAll(async () => {
	[server, program] = await Promise.all([startRedis(), bundleWorker()]);
	workers = await Promise.all(
		Array.from({ length: PROCESSES }, (_, index) =>
			StoreWorker.start(program.path, {
				redis: standalone(server.port),
				// A minute behind, right, and a minute ahead.
				clockAheadMs: ((index % 3) - 1) * 60_000,
			}),
		),
	);
	const histories = await Promise.all(
		workers.map((worker, index) =>
			worker.ask('hammer', {
				policies: [bulkhead, window, bucket, breaker],
				durationMs: DURATION_MS,
				inFlight: IN_FLIGHT,
				leaseMs: LEASE_MS,
				longCalls: 20,
				abandonedCalls: 10,
				seed: SEED + index,
			}),
		),
	);
	calls = histories.flat();
	noteFigure('many processes: calls', calls.length, 'calls');
}, DURATION_MS + 120_000);

afterAll(async () => {
	await Promise.all(workers.map((worker) => worker.signal('SIGKILL')));
	await program.remove();
	await server.stop();
});

const called = ({ name }: PolicyDefinition) => calls.filter(({ policy }) => policy === name);

const granted = (policy: PolicyDefinition) =>
	called(policy).filter(({ status }) => status === 'granted');

/** With the seed, so that it can be seen when this fails. */
const found = (violations: readonly Violation[]) => ({ seed: SEED, violations });
const none = found([]);

it('never has more holders than slots, and turns nobody away from a free one', () => {
	const all = called(bulkhead);
	const { maxConcurrentCalls } = BULKHEAD;
	expect(found(tooManyHolders(all, maxConcurrentCalls, LEASE_MS))).toEqual(none);
	expect(found(rejectedThoughFree(all, maxConcurrentCalls, LEASE_MS))).toEqual(none);
	expect(granted(bulkhead).length).toBeGreaterThan(100);
	expect(granted(bulkhead).length).toBeLessThan(all.length);
});

it('tells a call that its lease is lost if it is, and only then', () => {
	expect(found(wrongHoldings(called(bulkhead), LEASE_MS))).toEqual(none);
	expect(granted(bulkhead).some(({ settlement }) => !settlement)).toBe(true);
	expect(granted(bulkhead).some(({ renewals = [] }) => renewals.length > 0)).toBe(true);
});

it('never admits more than the limit within any period', () => {
	expect(found(overLimit(called(window), WINDOW.limit, WINDOW.periodMs))).toEqual(none);
	expect(granted(window).length).toBeLessThan(called(window).length);
	const fewest = (WINDOW.limit * DURATION_MS) / WINDOW.periodMs / 2;
	expect(granted(window).length).toBeGreaterThan(fewest);
});

it('never admits faster than the rate and its burst', () => {
	expect(found(overRate(called(bucket), BUCKET))).toEqual(none);
	expect(granted(bucket).length).toBeLessThan(called(bucket).length);
	const fewest = (BUCKET.limit * DURATION_MS) / BUCKET.periodMs / 2;
	expect(granted(bucket).length).toBeGreaterThan(fewest);
});

it('lets no more probes through than permitted, none too early, and counts no outcome too late', () => {
	const all = called(breaker);
	const permitted = BREAKER.permittedNumberOfCallsInHalfOpenState;
	expect(found(tooManyProbes(all, permitted))).toEqual(none);
	expect(found(probedTooEarly(all, BREAKER.waitDurationInOpenStateMs))).toEqual(none);
	expect(found(countedTooLate(all))).toEqual(none);
	const probes = all.filter(({ isProbe }) => isProbe);
	expect(new Set(probes.map(({ token }) => token)).size).toBeGreaterThan(5);
	expect(all.some(({ settlement }) => settlement?.holding === 'lost')).toBe(true);
});
