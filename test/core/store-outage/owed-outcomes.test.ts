import { breaker, bulkhead, FAILURE, permitOf, setUp, votes } from './tolerant-store';

describe('a store that tolerates outages', () => {
	it('never lets a call fail by its settlement, and settles when the store is back', async () => {
		const { far, admit, clock, store, holders } = setUp('allow');
		const permit = permitOf((await admit()).answer);
		far.link = 'refused';
		expect(await store.settle(permit, { kind: 'success', latencyMs: 1 })).toBe('lost');
		expect(holders()).toBe(1);
		far.link = 'up';
		await clock.run(1_000);
		expect(holders()).toBe(0);
	});

	it('keeps what it owes when the store is lost again while it is told', async () => {
		const { far, admit, clock, store, holders } = setUp('allow');
		const permit = permitOf((await admit()).answer);
		far.link = 'refused';
		await store.settle(permit, { kind: 'success', latencyMs: 1 });
		far.isOnlyBackForProbes = true;
		await clock.run(5_000);
		expect(holders()).toBe(1);
		far.link = 'up';
		await clock.run(1_000);
		expect(holders()).toBe(0);
	});

	it.each([0, 4_000, 5_000, 14_000, 16_000, 40_000])(
		'counts an outcome once whose answer was lost before an outage of %d ms',
		async (outageMs) => {
			const { far, admit, clock, store, failures, holders } = setUp('allow');
			const permit = permitOf((await admit(breaker, bulkhead)).answer);
			far.link = 'torn';
			await store.settle(permit, FAILURE);
			far.link = 'refused';
			await clock.run(outageMs);
			far.link = 'up';
			await clock.run(1_000);
			expect([failures(), holders()]).toEqual([1, 0]);
		},
	);

	it('counts an outcome whose request the store may not have heard, when it is back soon', async () => {
		const { far, admit, clock, store, failures } = setUp('allow');
		const permit = permitOf((await admit(breaker)).answer);
		far.link = 'refused';
		await store.settle(permit, FAILURE);
		await clock.run(3_000);
		far.link = 'up';
		await clock.run(1_000);
		expect(failures()).toBe(1);
	});

	it('counts an outcome once although each answer to it is lost', async () => {
		const { far, admit, clock, store, failures, holders } = setUp('allow');
		const permit = permitOf((await admit(breaker, bulkhead)).answer);
		far.isOnlyBackForProbes = true;
		far.link = 'torn';
		await store.settle(permit, FAILURE);
		await clock.run(40_000);
		far.link = 'up';
		await clock.run(1_000);
		expect([failures(), holders()]).toEqual([1, 0]);
	});

	it('tells an outcome that the store cannot have heard of, also after a longer outage', async () => {
		const { far, admit, clock, store, failures } = setUp('allow');
		const permit = permitOf((await admit(breaker)).answer);
		far.link = 'refused';
		await admit();
		await store.settle(permit, FAILURE);
		await clock.run(40_000);
		far.link = 'up';
		await clock.run(1_000);
		expect(failures()).toBe(1);
	});

	it('lets no vote stand for longer whose answer was lost', async () => {
		const { far, admit, clock, store } = setUp('allow');
		const permit = permitOf((await admit(votes)).answer);
		far.link = 'torn';
		await store.settle({ ...permit, tokens: [30_000] }, FAILURE);
		far.link = 'refused';
		await clock.run(20_000);
		far.link = 'up';
		const cast = () =>
			far.inside.inspect({ kind: 'breaker-quorum', name: 'api', key: '' })?.figures.votes;
		await clock.run(9_000);
		expect(cast()).toBe(1);
		await clock.run(2_000);
		expect(cast()).toBeUndefined();
	});

	it('tells nothing any more of calls that ended more than a minute ago', async () => {
		const { far, admit, clock, store } = setUp('allow');
		const permit = permitOf((await admit()).answer);
		far.link = 'refused';
		await admit();
		await store.settle(permit, FAILURE);
		await clock.run(60_000);
		far.link = 'up';
		await clock.run(1_000);
		expect(far.settled).toEqual([]);
	});

	it('keeps the latest ends of calls when there are too many', async () => {
		const { far, admit, clock, store } = setUp('allow');
		const permit = permitOf((await admit()).answer);
		far.link = 'refused';
		await admit();
		for (let each = 0; each < 10_005; each++)
			await store.settle({ ...permit, id: `me:end ${each}` }, FAILURE);
		far.link = 'up';
		await clock.run(1_000);
		const told = far.settled.map(([id]) => Number(id.slice('me:end '.length)));
		expect([told.length, told[0], told.at(-1)]).toEqual([10_000, 5, 10_004]);
	});

	it('tells nothing twice that was answered too late', async () => {
		const { far, admit, clock, store } = setUp('allow');
		const permit = permitOf((await admit()).answer);
		far.link = 'mute';
		const holding = store.settle(permit, FAILURE);
		await clock.run(100);
		expect(await holding).toBe('lost');
		await clock.run(10_000);
		far.link = 'up';
		await clock.run(1_000);
		expect(far.settled).toHaveLength(1);
	});
});
