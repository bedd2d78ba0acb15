import fc from 'fast-check';
import { z } from 'zod';

import { tokenText } from '../../core/access';
import { InvalidOptionError } from '../../core/errors';
import { OwnWords } from '../../mcp-server/server/own-words';
import { Redactor } from '../../mcp-server/server/redactor';
import { defineTool } from '../../mcp-server/tool';
import { tools } from '../../mcp-server/tools';
import { changePlan } from '../support/change-plan';
import { callOverStream } from '../support/mcp/call-over-stream';

it('leaves no secret in any text or name, and the rest as it was', () => {
	const word = fc.stringMatching(/^[a-z]{1,8}$/);
	const secret = fc.stringMatching(/^[A-Z0-9"%]{8,12}$/);
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

it('knows what looks like a token, of which only the hash is known', () => {
	const token = tokenText('d35ca5051b82', '9'.repeat(43));
	const redactor = new Redactor([]);
	expect(redactor.text(`There is no execution ${token}.`)).toBe('There is no execution [secret].');
	expect(redactor.data({ input: [token], id: 'bwk_d35ca5051b82' })).toEqual({
		input: ['[secret]'],
		id: 'bwk_d35ca5051b82',
	});
});

it('keeps numbers that a secret looks like', () => {
	expect(new Redactor(['12345']).data({ calls: 12345, text: 'is 12345' })).toEqual({
		calls: 12345,
		text: 'is [secret]',
	});
});

it('takes a short secret for one only as a whole word', () => {
	const redactor = new Redactor(['abcd']);
	expect(redactor.text('abcd, redis://:abcd@host, abcdef and cabcd')).toBe(
		'[secret], redis://:[secret]@host, abcdef and cabcd',
	);
});

const wordsOfTools = () => {
	const said = JSON.stringify(
		tools.map(({ name, output }) => [name, z.toJSONSchema(output, { io: 'input' })]),
	);
	return [...new Set(said.match(/\w{4,}/g))];
};

it('leaves whatever a schema fixes as it is, and tells no secret by replacing a word of its own', () => {
	const own = new OwnWords(tools);
	const answer = { status: 'ok', queue: { waiting: 1 }, database: 'database', state: 'isolated' };
	fc.assert(
		fc.property(fc.constantFrom(...wordsOfTools()), (secret) => {
			const redactor = new Redactor([secret, 'isol'], own);
			expect(redactor.data(answer)).toEqual(answer);
			expect(redactor.text(`The ${secret} is down`)).toBe(`The ${secret} is down`);
		}),
	);
});

it('leaves times and names whole of which a secret is a part', () => {
	const redactor = new Redactor(['2026', 'executio'], new OwnWords(tools));
	const told = { executionId: '1', at: '2026-01-30T12:00:00.000Z', why: 'in 2026' };
	expect(redactor.data(told)).toEqual({ ...told, why: 'in [secret]' });
});

it('leaves no part of a secret that lies where a line is cut, or that has lines', async () => {
	const secrets = ['correct-horse-battery', '-----BEGIN KEY-----\nMIIEvQ\n-----END KEY-----\n'];
	const telling = (fails: boolean) =>
		defineTool({
			name: 'telling',
			title: 'Telling',
			description: 'Tells secrets.',
			role: 'viewer',
			effect: 'looks',
			input: z.strictObject({}),
			output: z.object({}),
			async run(_, { confirm }) {
				const text = `${'x'.repeat(990)}${secrets[0]}`;
				await confirm({ ...changePlan(), summary: text });
				if (fails) throw new InvalidOptionError('key', secrets[1]!, 'wrong', text);
				return { output: {}, text: [text, secrets[1]!] };
			},
		});
	for (const fails of [false, true]) {
		let question = '';
		const answer = ({ message }: { readonly message: string }) => {
			question = message;
			return Promise.resolve({ action: 'decline' });
		};
		const { content } = await callOverStream(telling(fails), { answer, secrets });
		const told = `${question}${content[0].text as string}`;
		expect(told).toContain('[secret]');
		expect(told).not.toMatch(/corr|MIIE/);
	}
});
