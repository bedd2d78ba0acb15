import fc from 'fast-check';

import { nearNames } from '../../../core/policy-registry';

const NAMES = ['payment-api', 'payment-api-eu', 'orders', 'Search', 'x'];

it.each([
	['paymnt-api', ['payment-api']],
	['PAYMENT-API', ['payment-api', 'payment-api-eu']],
	['order', ['orders']],
	['serach', ['Search']],
	['y', ['x']],
	['something else', []],
])('finds who may have been meant by "%s"', (meant, expected) => {
	expect(nearNames(meant, NAMES)).toEqual(expected);
});

it('finds a name with one slip in it, and shows few names', () => {
	const name = fc.stringMatching(/^[a-z]{4,12}$/);
	fc.assert(
		fc.property(name, fc.nat(), fc.constantFrom('', '0'), (right, at, slip) => {
			const place = at % right.length;
			const wrong = right.slice(0, place) + slip + right.slice(place + 1);
			expect(nearNames(wrong, ['none like it 12345', right])).toContain(right);
			expect(nearNames(wrong, Array<string>(50).fill(right)).length).toBeLessThanOrEqual(5);
		}),
	);
});
