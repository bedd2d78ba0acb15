import fc from 'fast-check';

import { parseRetryAfter } from '../../../../core/policies/retry';

const NOW = Date.UTC(2026, 10, 21, 9, 0, 0);

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (number: number, filler = '0') => String(number).padStart(2, filler);

const inWords = (at: number) => {
	const date = new Date(at);
	const weekday = DAYS[date.getUTCDay()]!;
	const month = MONTHS[date.getUTCMonth()]!;
	const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map((part) =>
		two(part),
	);
	const [day, year] = [date.getUTCDate(), date.getUTCFullYear()];
	return {
		imfFixdate: `${weekday.slice(0, 3)}, ${two(day)} ${month} ${year} ${time.join(':')} GMT`,
		rfc850: `${weekday}, ${two(day)}-${month}-${two(year % 100)} ${time.join(':')} GMT`,
		asctime: `${weekday.slice(0, 3)} ${month} ${two(day, ' ')} ${time.join(':')} ${year}`,
	};
};

describe('Retry-After', () => {
	it('is read as seconds', () => {
		expect(parseRetryAfter('0', NOW)).toBe(0);
		expect(parseRetryAfter('57', NOW)).toBe(57_000);
		expect(parseRetryAfter(' 120 ', NOW)).toBe(120_000);
		expect(parseRetryAfter('1.5', NOW)).toBe(1_500);
		expect(parseRetryAfter('0.0004', NOW)).toBe(1);
		expect(parseRetryAfter('9'.repeat(10_000), NOW)).toBe(Infinity);
	});

	it('is read as each of the three dates of RFC 9110', () => {
		const at = Date.UTC(1994, 10, 6, 8, 49, 37);
		for (const text of [
			'Sun, 06 Nov 1994 08:49:37 GMT',
			'Sunday, 06-Nov-94 08:49:37 GMT',
			'Sun Nov  6 08:49:37 1994',
		]) {
			expect(parseRetryAfter(text, at - 5_000)).toBe(5_000);
			expect(parseRetryAfter(text, at)).toBe(0);
			expect(parseRetryAfter(text, NOW)).toBe(0);
		}
	});

	it('means the same moment however it is written, in whatever zone the process runs', () => {
		const halfACentury = 49 * 365 * 86_400;
		fc.assert(
			fc.property(fc.integer({ min: -halfACentury, max: halfACentury }), (seconds) => {
				for (const text of Object.values(inWords(NOW + seconds * 1_000))) {
					expect(parseRetryAfter(text, NOW)).toBe(Math.max(0, seconds * 1_000));
				}
			}),
			{ numRuns: 2_000 },
		);
	});

	it.each([
		'',
		'-1',
		'+5',
		'1e3',
		'0x10',
		'Infinity',
		'NaN',
		'soon',
		'Monday morning',
		'Sun 5',
		'Sun, 06 Foo 1994 08:49:37 GMT',
		'Sun, 06 Nov 1994 08:49:37',
		'Sun, 06 Nov 1994 08:49:37 PST',
		'Sun, 32 Nov 1994 08:49:37 GMT',
		'Sun, 06 Nov 1994 24:49:37 GMT',
		'2026-11-21T09:00:00Z',
		'1 2',
	])('is not taken from %j', (text) => {
		expect(parseRetryAfter(text, NOW)).toBeUndefined();
	});

	it('is read fast and never throws, whatever the header holds', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
				const waitMs = parseRetryAfter(text, NOW);
				expect(waitMs === undefined || waitMs >= 0).toBe(true);
			}),
		);
		const start = performance.now();
		for (const text of [' '.repeat(10_000), '1'.repeat(10_000) + 'x', 'Sun,'.repeat(2_500)])
			expect(parseRetryAfter(text, NOW)).toBeUndefined();
		expect(performance.now() - start).toBeLessThan(1_000);
	});
});
