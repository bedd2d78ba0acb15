import fc from 'fast-check';

import { busiestWindow } from '../../../scripts/flaky-api/busiest-window.ts';

describe('busiestWindow', () => {
	it('finds what counting from every arrival finds', () => {
		fc.assert(
			fc.property(fc.array(fc.nat(1000)), fc.integer({ min: 1, max: 300 }), (times, windowMs) => {
				const arrivals = times.sort((a, b) => a - b);
				const counts = arrivals.map(
					(from) => arrivals.filter((at) => at >= from && at < from + windowMs).length,
				);
				expect(busiestWindow(arrivals, windowMs)).toBe(Math.max(0, ...counts));
			}),
		);
	});
});
