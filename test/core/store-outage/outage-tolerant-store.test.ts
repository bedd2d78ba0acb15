import type { Permit } from '../../../core/ports';
import { bulkhead, FAILURE, limiter, permitOf, queue, setUp } from './tolerant-store';

describe('a store that tolerates outages', () => {
	it('goes by the shared store while that answers', async () => {
		const { admit } = setUp('allow');
		expect(permitOf((await admit()).answer).degraded).toBeUndefined();
		expect((await admit()).answer.status).toBe('rejected');
	});

	it.each(['refused', 'silent', 'mute'] as const)(
		'gives its verdict within 100 ms when the link is %s, and at once from then on',
		async (link) => {
			const { far, admit } = setUp('allow');
			far.link = link;
			const first = await admit();
			expect(permitOf(first.answer).degraded).toBe('allow');
			expect(first.took).toBeLessThanOrEqual(100);
			const second = await admit();
			expect(permitOf(second.answer).degraded).toBe('allow');
			expect(second.took).toBe(0);
		},
	);

	it('decides alone what concerns a state that cannot be read, and nothing else', async () => {
		const { far, store, health, events, admit } = setUp('allow');
		const earlier = permitOf((await admit()).answer);
		far.link = 'confused';
		expect(permitOf((await admit()).answer).degraded).toBe('allow');
		expect(await store.settle(earlier, { kind: 'success', latencyMs: 1 })).toBe('lost');
		expect(health.isDown).toBe(false);
		expect(events.map(({ type }) => type)).toEqual(['state-invalid', 'state-invalid']);
	});

	it('turns calls away where that is asked for, and says why', async () => {
		const { far, admit } = setUp('reject');
		far.link = 'refused';
		expect((await admit()).answer).toMatchObject({ status: 'rejected', isStoreDown: true });
	});

	it('goes by the policies of this process where that is asked for', async () => {
		const { far, admit, store } = setUp('local');
		far.link = 'refused';
		const permit = permitOf((await admit()).answer);
		expect(permit.degraded).toBe('local');
		expect((await admit()).answer).toMatchObject({ status: 'rejected' });
		expect(await store.settle(permit, { kind: 'success', latencyMs: 1 })).toBe('held');
		expect((await admit()).answer.status).toBe('granted');
	});

	it('is back as soon as the shared store is, and tells of the outage once', async () => {
		const { far, admit, clock, events } = setUp('allow');
		far.link = 'refused';
		for (let call = 0; call < 5; call++) await admit();
		await clock.run(10_000);
		far.link = 'up';
		await clock.run(1_000);
		expect(permitOf((await admit()).answer).degraded).toBeUndefined();
		expect(events).toMatchObject([
			{ type: 'store-lost', reason: 'ECONNREFUSED' },
			{ type: 'store-back' },
		]);
		expect((events[1] as { downMs: number }).downMs).toBeGreaterThanOrEqual(10_000);
	});

	it('gives back what an answer that came too late had taken for a call that was turned away', async () => {
		const { far, admit, clock, holders } = setUp('reject');
		far.link = 'mute';
		await admit();
		far.link = 'up';
		expect(holders()).toBe(1);
		await clock.run(5_000);
		expect(holders()).toBe(0);
	});

	it('gives a call back where it was admitted, and tells nobody while the store is down', async () => {
		const { far, local, store, admit, holders } = setUp('local');
		const shared = permitOf((await admit()).answer);
		await store.refund(shared);
		expect(holders()).toBe(0);
		const later = permitOf((await admit()).answer);
		far.link = 'refused';
		const own = permitOf((await admit()).answer);
		expect(own.degraded).toBe('local');
		await store.refund(own);
		expect(local.inspect({ kind: 'bulkhead', name: 'api', key: '' })).toBeUndefined();
		await store.refund(later);
		expect(holders()).toBe(1);
	});

	it('gives back what was taken by a call whose answer never came', async () => {
		const { far, admit, clock, holders } = setUp('allow');
		far.link = 'torn';
		await admit();
		expect(holders()).toBe(1);
		far.link = 'up';
		await clock.run(1_000);
		expect(holders()).toBe(0);
	});

	it.each(['torn', 'mute', 'refused'] as const)(
		'undoes a call whole whose answer never came, when the link is %s',
		async (link) => {
			const { far, admit, clock, used, holders } = setUp('reject');
			far.link = link;
			await admit(limiter, bulkhead);
			await clock.run(1_000);
			expect([used(), holders()]).toEqual(link === 'refused' ? [0, 0] : [1, 1]);
			far.link = 'up';
			await clock.run(10_000);
			expect([used(), holders()]).toEqual([0, 0]);
		},
	);

	it('lets a call wait by the policies of this process that is taken back from the store', async () => {
		const { far, store, local, admit, clock, request } = setUp('local');
		const before = local.admit(request([queue])) as { permit: Permit };
		far.link = 'torn';
		const { answer, asked } = await admit(queue);
		expect(answer.status).toBe('queued');
		far.link = 'up';
		await clock.run(1_000);
		const turn = store.awaitTurn(asked, 60_000);
		local.settle(before.permit, FAILURE);
		await turn;
		expect(permitOf(await store.admit(asked)).degraded).toBe('local');
		expect(permitOf((await admit(queue)).answer).degraded).toBeUndefined();
	});

	describe.each(['allow', 'local'] as const)('that is only slow, with %s', (whenDown) => {
		it('counts the calls that were let through meanwhile, and is back with its first answer in time', async () => {
			const { far, admit, clock, store, health, events, holders } = setUp(whenDown);
			far.link = 'slow';
			const first = await admit();
			expect(permitOf(first.answer).degraded).toBe(whenDown);
			expect(first.took).toBeLessThanOrEqual(100);
			const second = await admit();
			expect(second.took).toBe(0);
			expect(second.answer.status).toBe(whenDown === 'allow' ? 'granted' : 'rejected');
			far.link = 'up';
			await clock.run(300);
			expect(health.isDown).toBe(false);
			expect(events).toMatchObject([
				{ type: 'store-slow', afterMs: 80 },
				{ type: 'store-back', from: 'slow' },
			]);
			// The first call has the only slot.
			expect((await admit()).answer.status).toBe('rejected');
			await store.settle(permitOf(first.answer), { kind: 'success', latencyMs: 1 });
			await clock.run(0);
			expect(holders()).toBe(0);
		});

		it('holds on to what a late answer took as long as the call, and hears of its end', async () => {
			const { far, admit, clock, store, holders } = setUp(whenDown);
			far.link = 'slow';
			const permit = permitOf((await admit()).answer);
			far.link = 'up';
			await clock.run(50_000);
			await store.extend(permit, 60_000);
			await clock.run(50_000);
			expect(holders()).toBe(1);
			await store.settle(permit, { kind: 'failure', latencyMs: 1 });
			await clock.run(0);
			expect(far.settled).toMatchObject([[permit.id, { kind: 'failure' }]]);
		});

		it('gives back at once what comes for a call that has ended, or was not made', async () => {
			const { far, admit, clock, store, holders } = setUp(whenDown);
			for (const end of ['settle', 'refund'] as const) {
				far.link = 'slow';
				const permit = permitOf((await admit()).answer);
				far.link = 'up';
				if (end === 'settle') await store.settle(permit, { kind: 'success', latencyMs: 1 });
				else await store.refund(permit);
				expect(holders()).toBe(1);
				await clock.run(1_000);
				expect(holders()).toBe(0);
			}
		});
	});

	it('stays slow while answers are late, and is lost when a request fails, which is told once', async () => {
		const { far, admit, clock, health, events } = setUp('allow');
		far.link = 'slow';
		for (let call = 0; call < 10; call++) {
			await admit();
			await clock.run(100);
		}
		expect(health.condition).toBe('slow');
		far.link = 'refused';
		await clock.run(5_000);
		far.link = 'up';
		await clock.run(1_000);
		expect(events).toMatchObject([
			{ type: 'store-slow' },
			{ type: 'store-lost', reason: 'ECONNREFUSED' },
			{ type: 'store-back', from: 'lost' },
		]);
	});

	it('does not pile up requests without an answer', async () => {
		const { far, admit } = setUp('allow');
		far.link = 'silent';
		for (let call = 0; call < 1_500; call++) await admit();
		// And a few probes.
		expect(far.asked).toBeGreaterThan(1_000);
		expect(far.asked).toBeLessThan(1_010);
	});

	it('tries a store that is lost again and again no more often than one that stays away', async () => {
		const { far, admit, clock, events } = setUp('allow');
		far.link = 'refused';
		far.isOnlyBackForProbes = true;
		for (let ms = 0; ms < 10_000; ms += 10) {
			await admit();
			await clock.run(10);
		}
		expect(events.filter(({ type }) => type === 'store-lost').length).toBeLessThan(20);
	});
});
