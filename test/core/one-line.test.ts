import fc from 'fast-check';

import { oneLine, quoted } from '../../core/one-line';

const anyText = fc.oneof(
	fc.string({ unit: 'binary', maxLength: 3_000 }),
	fc.string({ maxLength: 200 }),
);

const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u200b]/u;

it('leaves nothing that breaks a line or turns it round, and no end of length', () => {
	fc.assert(
		fc.property(anyText, (text) => {
			for (const shown of [oneLine(text), quoted(text)]) {
				expect(shown).not.toMatch(UNSEEN);
				expect(shown.length).toBeLessThan(6_100);
			}
		}),
	);
	const forged = 'a\u202eb\nc\u2028d\u0085e';
	expect(oneLine(forged)).toBe('a\\u202eb\\u000ac\\u2028d\\u0085e');
});

it('quotes names so that they end where they end', () => {
	expect(quoted('x": nothing\n- leave')).toBe('"x\\": nothing\\n- leave"');
	expect(quoted('Zahlungen 👩‍🔧')).toBe('"Zahlungen 👩‍🔧"');
	fc.assert(
		fc.property(fc.string({ maxLength: 100 }), (name) => {
			expect(JSON.parse(quoted(name))).toBe(name);
		}),
	);
});
