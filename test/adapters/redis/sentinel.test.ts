import { definePolicy } from '../../../core/policies/define';
import type { Admission, Permit } from '../../../core/ports';
import { noteFigure } from '../../support/note-figure';
import { openStore, type OpenStore } from '../../support/open-store';
import { startRedisSentinel, type RedisSentinel } from '../../support/redis-sentinel';
import { LeasesInUse, sharedNow } from '../../support/store-workers';
import { until } from '../../support/until';

/** Sentinels need half a second to call a master dead, and some more to agree and to change roles. */
const BACK_WITHIN_MS = 10_000;

let redis: RedisSentinel;
let opened: OpenStore;
/** Another worker. */
let other: OpenStore;

beforeAll(async () => {
	redis = await startRedisSentinel();
	const { masterName, sentinels } = redis;
	[opened, other] = [0, 1].map(() =>
		openStore({ topology: { type: 'sentinel', masterName, sentinels } }),
	) as [OpenStore, OpenStore];
});

afterAll(async () => {
	opened.close();
	other.close();
	await redis.stop();
});

const limiter = definePolicy('rate-limiter', 'limiter', { limit: 10, periodMs: 600_000 });
const bulkhead = definePolicy('bulkhead', 'bulkhead', { maxConcurrentCalls: 1 });

const admit = async () => await opened.store.admit(opened.request([limiter]));

function permitOf(admission: Admission): Permit {
	if (admission.status !== 'granted') throw new Error(`It was ${admission.status}`);
	return admission.permit;
}

/** Asks again until there is an answer, and tells how long that took. */
async function untilAnswered(): Promise<{ admission: Admission; tookMs: number }> {
	const from = sharedNow();
	let admission: Admission | undefined;
	await until(async () => {
		admission = await admit().catch(() => undefined);
		return admission !== undefined;
	});
	return { admission: admission!, tookMs: sharedNow() - from };
}

const remaining = async () =>
	(await opened.store.inspect({ kind: 'rate-limiter', name: 'limiter', key: '' }))?.figures
		.remaining;

it('says so when no sentinel answers', async () => {
	const { masterName } = redis;
	const lost = openStore({
		topology: { type: 'sentinel', masterName, sentinels: [{ host: '127.0.0.1', port: 1 }] },
	});
	await expect(lost.store.check()).rejects.toMatchObject({
		code: 'STORE_UNREACHABLE',
		message: expect.stringContaining('sentinel'),
	});
	// The first has made it look for a master, the second waits for what it finds.
	for (let time = 0; time < 2; time++)
		await expect(lost.connection.listen()).rejects.toMatchObject({
			code: 'STORE_UNREACHABLE',
			message: expect.stringContaining('No sentinel can be reached'),
		});
	lost.close();
});

it('says so to who listens when the sentinels know no such master', async () => {
	const { sentinels } = redis;
	const lost = openStore({ topology: { type: 'sentinel', masterName: 'other', sentinels } });
	await expect(lost.connection.listen()).rejects.toMatchObject({
		message: expect.stringContaining('no master of that name'),
	});
	lost.close();
});

it('is back within seconds when the master dies, and knows what had reached the replica', async () => {
	const leases = new LeasesInUse([opened, other], ['leased', 'leased for long']);
	for (let call = 0; call < 3; call++) await admit();
	const permit = permitOf(await opened.store.admit(opened.request([bulkhead])));
	expect(await opened.connection.client.call('WAIT', 1, 5_000)).toBe(1);
	await leases.untilTaken(0.3);
	await redis.master.stop();
	const { admission, tookMs } = await untilAnswered();
	const backAt = Date.now();
	expect(admission.status).toBe('granted');
	noteFigure('sentinel: back after the master died', tookMs, 'ms');
	expect(tookMs).toBeLessThan(BACK_WITHIN_MS);
	expect(await remaining()).toBe(6);
	expect((await opened.store.admit(opened.request([bulkhead]))).status).not.toBe('granted');
	expect(await opened.store.settle(permit, { kind: 'success', latencyMs: 1 })).toBe('held');
	noteFigure('sentinel: calls beyond a leased limit', await leases.end(backAt), 'calls');
});
