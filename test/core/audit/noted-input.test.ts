import fc from 'fast-check';

import { sha256 } from '../../../adapters/system';
import { notedInput } from '../../../core/audit';

it('notes what is short as it is', () => {
	for (const input of [undefined, null, {}, { planId: 'x', list: [1] }])
		expect(notedInput(input, sha256)).toEqual(input);
});

it('notes the beginning, size and hash of what is long, however long', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 2_048, max: 100_000 }),
			fc.string({ minLength: 1 }),
			(long, end) => {
				const input = { text: 'x'.repeat(long) + end };
				const json = JSON.stringify(input);
				const noted = notedInput(input, sha256) as { begins: string };
				expect(noted).toMatchObject({ length: json.length, sha256: sha256(json) });
				expect(json.startsWith(noted.begins)).toBe(true);
				expect(JSON.stringify(noted).length).toBeLessThan(3_000);
			},
		),
	);
});
