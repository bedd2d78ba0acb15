import fc from 'fast-check';

import type { InstanceEntry } from '../../../core/ports/stack';
import {
	clockReadings,
	EntryClocks,
	n8nClocks,
	readClock,
	type ClockOwner,
	type ClockReading,
} from '../../../core/clocks';
import { FakeClock } from '../../support/fake-clock';

const reading = (
	of: ClockOwner,
	aheadMs: number,
	more: Partial<ClockReading> = {},
): ClockReading => ({
	...{ of, aheadMs, withinMs: 0, name: of, source: 'instance registry', isLeader: of === 'main' },
	...more,
});

it('is wrong by no more than it says, however long question and answer take on their way', async () => {
	const ms = fc.nat(5_000);
	const ahead = fc.integer({ min: -600_000, max: 600_000 });
	const coarse = fc.constantFrom(1, 1_000);
	await fc.assert(
		fc.asyncProperty(ms, ms, ahead, coarse, async (there, back, aheadMs, coarseMs) => {
			const clock = new FakeClock();
			const { answer, clockShowing } = await readClock(clock, () => {
				clock.advance(there);
				const shows = clock.now() + aheadMs;
				clock.advance(back);
				return Promise.resolve(shows - (((shows % coarseMs) + coarseMs) % coarseMs));
			});
			const read = clockShowing(answer, coarseMs)!;
			expect(Math.abs(read.aheadMs - aheadMs)).toBeLessThanOrEqual(read.withinMs);
			expect(read.withinMs).toBe((there + back + coarseMs) / 2);
		}),
	);
});

it('tells nothing where no time was told, or our own clock was set back meanwhile', async () => {
	const clock = new FakeClock();
	const { clockShowing } = await readClock(clock, () => Promise.resolve());
	expect(clockShowing(undefined)).toBeUndefined();
	expect(clockShowing(NaN)).toBeUndefined();
	const turned = await readClock(clock, () => Promise.resolve(clock.turnTo(0)));
	expect(turned.clockShowing(1_000)).toBeUndefined();
});

it('goes by what processes write themselves, and by their HTTP answers only without', () => {
	const processes = [
		{
			url: 'http://main',
			type: 'main',
			isReady: true,
			hasMetrics: false,
			clock: { aheadMs: 9, withinMs: 1 },
		},
		{ url: 'http://worker', type: 'worker', unreachable: 'ECONNREFUSED' },
	] as const;
	expect(clockReadings({ processes })).toMatchObject([{ name: 'http://main', aheadMs: 9 }]);
	const entry = { hostId: 'a', version: '', pool: '', registeredAt: 0, lastSeenAt: 0 };
	const instances = [
		{
			...entry,
			instanceKey: 'k',
			type: 'worker',
			isLeader: false,
			clock: { aheadMs: 1, withinMs: 2 },
		},
		{ ...entry, instanceKey: 'l', type: 'worker', isLeader: false },
	] as const;
	const database = { clock: { aheadMs: 3, withinMs: 4 } };
	expect(clockReadings({ processes, instances, database })).toMatchObject([
		{ of: 'database', aheadMs: 3, source: 'database' },
		{ of: 'worker', name: 'k', aheadMs: 1, source: 'instance registry' },
		{ of: 'main', name: 'http://main', source: 'n8n metrics' },
	]);
	const main = { ...instances[0], type: 'main', instanceKey: 'm' } as const;
	expect(clockReadings({ processes, instances: [main] })).toMatchObject([{ name: 'm' }]);
});

describe('the clocks of n8n', () => {
	const [leader, follower, worker] = [
		reading('main', 100),
		reading('main', -300, { isLeader: false }),
		reading('worker', 700, { withinMs: 50 }),
	];

	it('are those of its processes, and of waits that of the one which leads', () => {
		const all = [leader, follower, worker, reading('database', 5_000)];
		expect(n8nClocks(all, 'queue')).toEqual({
			main: { least: 100, most: 100 },
			any: { least: -300, most: 750 },
			areRead: true,
		});
		const { main } = n8nClocks([{ ...leader, isLeader: false }, follower, worker], 'queue');
		expect(main).toEqual({ least: -300, most: 100 });
	});

	it('may be anywhere between ours and all that are known where they are not', () => {
		const between = { least: -5_000, most: 0 };
		expect(n8nClocks([reading('database', -5_000)], 'queue')).toEqual({
			main: between,
			any: between,
			areRead: false,
		});
		expect(n8nClocks([], 'regular').main).toEqual({ least: 0, most: 0 });
	});

	it('are not all known where only main is and workers write, too', () => {
		const byHttp = { ...leader, source: 'n8n metrics' } as const;
		expect(n8nClocks([byHttp], 'regular')).toMatchObject({ areRead: true, any: { least: 100 } });
		expect(n8nClocks([byHttp], 'queue')).toEqual({
			main: { least: 100, most: 100 },
			any: { least: 0, most: 100 },
			areRead: false,
		});
	});
});

it('takes no clock to be behind by one entry alone that was written late', () => {
	const clocks = new EntryClocks();
	const shown = (lastSeenAt: number, aheadMs: number | undefined) => {
		const clock = aheadMs === undefined ? {} : { clock: { aheadMs, withinMs: 1 } };
		const entry = { instanceKey: 'a', lastSeenAt, ...clock } as InstanceEntry;
		return clocks.steady([entry])[0]!.clock?.aheadMs;
	};
	expect(shown(1, 0)).toBe(0);
	expect(shown(2, -4_000)).toBe(0);
	expect(shown(2, -4_001)).toBe(0);
	expect(shown(3, undefined)).toBeUndefined();
	expect(shown(4, 10)).toBe(10);
	// Ahead it is at once, and behind when the next one says so, too.
	expect(shown(5, 60_000)).toBe(60_000);
	expect(shown(6, -60_000)).toBe(60_000);
	expect(shown(7, -60_000)).toBe(-60_000);
});
