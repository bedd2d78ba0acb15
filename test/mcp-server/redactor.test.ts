import fc from 'fast-check';

import { Redactor } from '../../mcp-server/server/redactor';

it('leaves no secret in any text or name, and the rest as it was', () => {
	const word = fc.stringMatching(/^[a-z]{1,8}$/);
	const secret = fc.stringMatching(/^[A-Z0-9"%]{4,12}$/);
	fc.assert(
		fc.property(secret, word, word, (one, before, after) => {
			const told = new Redactor([one]).data({
				[`${before}${one}`]: [{ text: `${before}${one}${after}` }],
				after,
			});
			expect(told).toEqual({
				[`${before}[secret]`]: [{ text: `${before}[secret]${after}` }],
				after,
			});
		}),
	);
});

it('knows a secret in an address and in quoted text', () => {
	const redactor = new Redactor(['p@ss"word']);
	expect(redactor.text('redis://:p%40ss%22word@host')).toBe('redis://:[secret]@host');
	expect(redactor.text(JSON.stringify({ password: 'p@ss"word' }))).toBe('{"password":"[secret]"}');
});

it('keeps numbers that a secret looks like', () => {
	expect(new Redactor(['12345']).data({ calls: 12345, text: 'is 12345' })).toEqual({
		calls: 12345,
		text: 'is [secret]',
	});
});
