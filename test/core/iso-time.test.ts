import fc from 'fast-check';
import { z } from 'zod';

import { isoTime, isTime } from '../../core/iso-time';

it.each([
	[0, '1970-01-01T00:00:00.000Z'],
	[1_795_321_343_001, '2026-11-22T04:22:23.001Z'],
	[1e17, '9999-12-31T23:59:59.999Z'],
	[Infinity, '9999-12-31T23:59:59.999Z'],
	[-1e17, '0000-01-01T00:00:00.000Z'],
])('shows %d ms as %s', (atMs, shown) => {
	expect(isoTime(atMs)).toBe(shown);
});

it('shows every number as a time, and takes for a time what is shown as it is', () => {
	fc.assert(
		fc.property(fc.double({ noNaN: true }), (atMs) => {
			expect(z.iso.datetime().safeParse(isoTime(atMs)).success).toBe(true);
			if (isTime(atMs)) expect(Date.parse(isoTime(atMs))).toBe(Math.trunc(atMs) + 0);
		}),
	);
	expect([NaN, Infinity, -1, 253_402_300_800_000].map(isTime)).toEqual([
		false,
		false,
		false,
		false,
	]);
	expect([0, 253_402_300_799_999].map(isTime)).toEqual([true, true]);
});
