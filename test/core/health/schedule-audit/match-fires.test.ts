import { matchFires } from '../../../../core/health/schedule-audit';

const MINUTE_MS = 60_000;
const fire = (minute: number) => {
	const at = minute * MINUTE_MS;
	return { at, earliest: at, latest: at };
};
const every5 = [5, 10, 15, 20].map(fire);
const match = (actual: readonly number[], until = 60) =>
	matchFires(
		every5,
		actual.map((minute) => minute * MINUTE_MS),
		{ lateAfterMs: MINUTE_MS, until: until * MINUTE_MS },
	);

it('finds nothing where all fired in time', () => {
	expect(match([5, 10.5, 15, 20])).toEqual({ fired: 4, late: [], missed: [], doubled: [] });
});

it('finds what was missed, what came twice and what came late', () => {
	expect(match([5, 15, 15.1, 21.5])).toEqual({
		fired: 3,
		missed: [10 * MINUTE_MS],
		doubled: [{ at: 15 * MINUTE_MS, times: 2 }],
		late: [{ at: 20 * MINUTE_MS, lateMs: 1.5 * MINUTE_MS }],
	});
});

it('takes fires that were held up together for late, not for missed and doubled', () => {
	expect(match([5, 15.05, 15.06, 20])).toMatchObject({
		fired: 4,
		missed: [],
		doubled: [],
		late: [{ at: 10 * MINUTE_MS }],
	});
});

it('does not judge what may still come', () => {
	expect(match([5, 10, 15], 19)).toMatchObject({ fired: 3, missed: [] });
	expect(match([5, 10, 15], 20)).toMatchObject({ fired: 3, missed: [20 * MINUTE_MS] });
});

it('does not take a fire of hours later for that of a time', () => {
	expect(match([5, 10, 15, 300], 600)).toMatchObject({ fired: 3, missed: [20 * MINUTE_MS] });
});

it('bears clocks that differ a little', () => {
	expect(match([5 - 1 / 60, 10 - 1 / 60, 15, 20])).toMatchObject({ fired: 4, missed: [] });
});

it('tells times apart that follow closely', () => {
	const everySecond = Array.from({ length: 20 }, (_, second) => fire(second / 60));
	const actual = everySecond.map(({ at }) => at + 3);
	const until = everySecond.at(-1)!.at;
	expect(matchFires(everySecond, actual, { lateAfterMs: MINUTE_MS, until })).toEqual({
		...{ fired: 20, late: [], missed: [], doubled: [] },
	});
});
