import { CronTime } from 'cron';
import fc from 'fast-check';
import assert from 'node:assert/strict';

import { cronTimes } from '../../../adapters/cron';

const HOUR_MS = 3_600_000;
const times = cronTimes();

/** One after the other, as n8n itself asks for them; where the library goes back, from a minute later on. */
function byLibrary(expression: string, timezone: string, from: number, to: number): number[] {
	const time = new CronTime(expression, timezone);
	const found: number[] = [];
	for (let at = from - 1; ;) {
		const next = time.getNextDateFrom(new Date(at), timezone).toMillis();
		if (next > to) return found;
		if (next > at) found.push(next);
		at = next > at ? next : at + 60_000;
	}
}

const expression = fc
	.tuple(
		fc.constantFrom('0', '7', '59', '10,40'),
		fc.constantFrom('0', '30', '*/20', '5,59'),
		fc.constantFrom('*', '*/2', '1', '2', '2-3', '0,23'),
		fc.constantFrom('*', '*', '1-15', '25,29', '31'),
		fc.constantFrom('*', '*', '3,10', '1-11'),
		fc.constantFrom('*', '*', '0', '1-5', '0-6'),
	)
	.map((fields) => fields.join(' '));

const timezone = fc.constantFrom(
	'UTC',
	'Europe/Berlin',
	'America/New_York',
	'Australia/Lord_Howe',
	'Asia/Kolkata',
	'America/Santiago',
	'Pacific/Apia',
);

/** Around changes of clocks, and anywhere. */
const from = fc.oneof(
	fc.constantFrom(
		Date.UTC(2026, 2, 28, 20),
		Date.UTC(2026, 9, 24, 20),
		Date.UTC(2026, 2, 8, 2),
		Date.UTC(2026, 10, 1, 2),
		Date.UTC(2026, 3, 4, 10),
		Date.UTC(2026, 9, 3, 10),
	),
	fc
		.integer({ min: Date.UTC(2025, 0), max: Date.UTC(2027, 0) })
		.map((at) => 1_000 * Math.floor(at / 1_000)),
);

it("has the times that n8n's library has, also where clocks change", () => {
	let found = 0;
	fc.assert(
		fc.property(expression, timezone, from, fc.nat({ max: 40 }), (cron, zone, since, hours) => {
			const to = since + hours * HOUR_MS;
			const expected = byLibrary(cron, zone, since, to);
			found += expected.length;
			const given = times.within(cron, zone, { from: since, to }, 10_000);
			assert.deepEqual(given, expected, `${cron} ${zone} ${new Date(since).toISOString()}`);
		}),
		{ numRuns: 60 },
	);
	expect(found).toBeGreaterThan(100);
});

it('gives no more than is asked for, and says what is wrong with an expression', () => {
	const day = { from: 0, to: 24 * HOUR_MS };
	expect(times.within('* * * * *', 'UTC', day, 3)).toEqual([0, 60_000, 120_000]);
	expect(times.problemOf('*/5 * * * *')).toBeUndefined();
	expect(times.problemOf('61 * * * *')).toMatch(/out of range/);
});

it('asks the library for no more than the span, on a day on which clocks change', () => {
	const from = Date.UTC(2026, 2, 8, 0);
	const to = from + 120_000;
	const [cron, zone] = ['*/36 * * * * *', 'America/New_York'];
	const given = times.within(cron, zone, { from, to }, 10_000);
	expect(given).toEqual(byLibrary(cron, zone, from, to));
});

it('ends where the library goes back and forth for ever', () => {
	const from = Date.UTC(2026, 3, 5, 1);
	const [cron, zone] = ['59 */20 * * * *', 'America/Santiago'];
	const given = times.within(cron, zone, { from, to: from + 6 * HOUR_MS }, 10_000);
	expect(given).toEqual(byLibrary(cron, zone, from, from + 6 * HOUR_MS));
	expect(given.at(-1)).toBe(from + 6 * HOUR_MS - 20 * 60_000 + 59_000);
});
