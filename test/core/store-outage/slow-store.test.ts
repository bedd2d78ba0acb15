import { bulkhead, FAILURE, limiter, permitOf, queue, setUp } from './tolerant-store';

const SUCCESS = { kind: 'success', latencyMs: 1 } as const;

/** A store that answers, but never in time, and a call that it let in before. */
async function setUpSlow(whenDown: 'allow' | 'reject' | 'local') {
	const set = setUp(whenDown);
	const permit = permitOf((await set.admit()).answer);
	set.far.link = 'slow';
	await set.admit(limiter);
	return { ...set, permit };
}

describe('a store that tolerates outages, while the shared store is slow', () => {
	it('gives back what a call held when that ends, without waiting', async () => {
		const { clock, store, health, permit, holders } = await setUpSlow('reject');
		expect(holders()).toBe(1);
		const endedAt = clock.now();
		expect(await store.settle(permit, SUCCESS)).toBe('lost');
		expect(clock.now()).toBe(endedAt);
		expect(holders()).toBe(0);
		expect(health.condition).toBe('slow');
	});

	it('takes nothing for calls that are turned away', async () => {
		const { clock, admit, used } = await setUpSlow('reject');
		await clock.run(1_000);
		expect(used()).toBe(0);
		for (let call = 0; call < 5; call++) {
			expect((await admit(limiter)).answer).toMatchObject({ isStoreDown: true });
			expect(used()).toBe(0);
		}
	});

	it('takes nothing for calls that the policies of this process turn away', async () => {
		const { admit, used } = await setUpSlow('local');
		const before = used();
		permitOf((await admit(limiter, bulkhead)).answer);
		expect((await admit(limiter, bulkhead)).answer.status).toBe('rejected');
		expect(used()).toBe(before);
		permitOf((await admit(limiter)).answer);
		expect(used()).toBe(before + 1);
	});

	it('gives up the place in its queue of a call that is decided without it', async () => {
		for (const end of ['ask', 'withdraw'] as const) {
			const { far, admit, store } = setUp('reject');
			permitOf((await admit(queue)).answer);
			const { answer, asked } = await admit(queue);
			expect(answer.status).toBe('queued');
			const queued = () =>
				far.inside.inspect({ kind: 'bulkhead', name: 'queue', key: '' })?.figures.queued;
			far.link = 'slow';
			await admit();
			expect(queued()).toBe(1);
			if (end === 'ask') expect(await store.admit(asked)).toMatchObject({ isStoreDown: true });
			else await store.withdraw(asked);
			expect(queued()).toBe(0);
		}
	});

	it('lets a call wait by the policies of this process whose place there it gave up', async () => {
		const { far, local, store, admit, clock, request } = setUp('local');
		permitOf((await admit(queue)).answer);
		const before = permitOf(local.admit(request([queue])));
		const { asked } = await admit(queue);
		far.link = 'slow';
		await admit();
		expect((await store.admit(asked)).status).toBe('queued');
		far.link = 'up';
		await clock.run(1_000);
		local.settle(before, SUCCESS);
		expect(permitOf(await store.admit(asked)).degraded).toBe('local');
	});

	it('goes by what it knows of the store without being told', async () => {
		const { far, local, admit, request } = await setUpSlow('local');
		const [known] = request([bulkhead]).guards;
		far.known = { status: 'rejected', by: known!, retryAfterMs: 500 };
		expect((await admit(bulkhead)).answer).toBe(far.known);
		expect(local.inspect({ kind: 'bulkhead', name: 'api', key: '' })).toBeUndefined();
	});

	it('tells all ends, of which so many are due at a time at most', async () => {
		const { far, clock, store, health, permit } = await setUpSlow('allow');
		const ids = Array.from({ length: 1_000 }, (_, index) => `me:end ${index}`);
		const asked = far.asked;
		for (const id of ids) await store.settle({ ...permit, id }, FAILURE);
		expect(far.asked - asked).toBeLessThanOrEqual(200);
		await clock.run(3_000);
		expect(far.settled.map(([id]) => id)).toEqual(ids);
		expect(health.condition).toBe('slow');
	});

	it('tells what it owes to a store that was lost and is slow now', async () => {
		const { far, admit, clock, store, health, holders } = setUp('reject');
		const permit = permitOf((await admit()).answer);
		far.link = 'refused';
		await store.settle(permit, SUCCESS);
		expect(health.condition).toBe('lost');
		far.link = 'slow';
		await clock.run(1_000);
		expect(health.condition).toBe('slow');
		expect(holders()).toBe(0);
	});

	it('counts a store that is back as up though what it was told before fails, and tells it again', async () => {
		const { far, clock, store, events, permit, holders } = await setUpSlow('allow');
		far.link = 'silent';
		await store.settle(permit, SUCCESS);
		far.link = 'up';
		await clock.run(2_000);
		expect([events.at(-1)?.type, holders()]).toEqual(['store-back', 1]);
		const known = events.length;
		await clock.run(5_000);
		expect(holders()).toBe(0);
		expect(events.slice(known)).toEqual([]);
	});

	it('tells nothing twice of which the answer is only due', async () => {
		const { far, clock, store, permit } = await setUpSlow('allow');
		far.link = 'mute';
		await store.settle(permit, SUCCESS);
		far.link = 'up';
		await clock.run(10_000);
		expect(far.settled).toHaveLength(1);
	});

	it('is told nothing of calls when it is lost', async () => {
		const { far, admit, clock, health } = await setUpSlow('allow');
		far.link = 'refused';
		await clock.run(1_000);
		expect(health.condition).toBe('lost');
		const { asked } = far;
		for (let call = 0; call < 10; call++) await admit();
		// A probe.
		expect(far.asked).toBeLessThanOrEqual(asked + 1);
	});

	it('counts as up though what it was told when it came back fails long after', async () => {
		const { far, admit, clock, store, events, holders } = setUp('allow');
		const permit = permitOf((await admit()).answer);
		far.link = 'refused';
		await store.settle(permit, SUCCESS);
		far.isOnlyBackForProbes = true;
		far.link = 'silent';
		await clock.run(1_000);
		far.link = 'up';
		await clock.run(10_000);
		expect(holders()).toBe(0);
		expect(events.map(({ type }) => type)).toEqual(['store-lost', 'store-back']);
	});
});
