import { definePolicy, guard } from '../../../core/policies/define';
import { FakeClock } from '../../support/fake-clock';
import { useStoreByClock } from './store-by-clock';

const redis = useStoreByClock();

const breaker = definePolicy('circuit-breaker', 'payments', { consecutiveFailureThreshold: 1 });
const address = { kind: 'circuit-breaker', name: 'payments', key: '' } as const;

/** Of a record, what all versions know: so many doubles. */
const KNOWN_TO_ALL_BYTES = 15 * 8;

const recordKey = async (): Promise<string> => (await redis.client.keys('*:state'))[0]!;

afterEach(async () => await redis.client.flushall());

it('tells since when by the clock of who asks, however far that of Redis is from it', async () => {
	const clock = new FakeClock();
	const store = redis.openByServer(clock);
	await store.override(breaker, '', 'isolate');
	const known = (await store.inspect(address))!.since!;
	expect(known).toBeLessThanOrEqual(clock.now());
	expect(known).toBeGreaterThan(clock.now() - 5_000);
	const ahead = new FakeClock();
	ahead.advance(3_600_000);
	const other = redis.openByServer(ahead);
	await other.override(breaker, '', 'isolate');
	const told = (await other.inspect(address))!.since! - 3_600_000;
	// It is as long ago as the first time, and as it took to ask again.
	expect(told).toBeLessThanOrEqual(known);
	expect(told).toBeGreaterThan(known - 5_000);
});

it('goes on with a state that does not tell since when', async () => {
	const clock = new FakeClock();
	const store = redis.open(clock);
	await store.override(breaker, '', 'open');
	const key = await recordKey();
	const record = await redis.client.getBuffer(key);
	await redis.client.set(key, record!.subarray(0, KNOWN_TO_ALL_BYTES));
	const found = (await store.inspect(address))!;
	expect(found).not.toHaveProperty('since');
	expect(found.state).toBe('open');
	clock.advance(found.figures.retryAfterMs!);
	await store.admit({ permitId: 'me:1', guards: [guard(breaker)], attempt: 1, leaseMs: 1_000 });
	expect(await store.inspect(address)).toMatchObject({ state: 'half-open', since: clock.now() });
});

it('writes it where versions that know nothing of it look for windows, and find none', async () => {
	await redis.open(new FakeClock()).override(breaker, '', 'open');
	const record = (await redis.client.getBuffer(await recordKey()))!;
	const read =
		"local count, time = cmsgpack.unpack(ARGV[1]) return tostring(count) .. ' ' .. tostring(time)";
	const windows = record.subarray(KNOWN_TO_ALL_BYTES);
	expect(await redis.client.eval(read, 0, windows)).toBe('false false');
});
