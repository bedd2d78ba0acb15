import { InvalidOptionError } from '../../core/errors';
import { logErrors } from '../../mcp-server/commands/log-errors';
import { readConfig } from '../../mcp-server/config/read-config';

const SECRET = 'correct-horse-battery';

/** What the log of a server has of an error. */
function logged(error: Error): string[] {
	const lines: string[] = [];
	const config = readConfig(undefined, { BULWARK_N8N_API_KEY: SECRET });
	logErrors(config, (line) => void lines.push(line))(error);
	return lines;
}

it('says where an error comes from that nobody expected, and what caused it', () => {
	const cause = new RangeError('the cause');
	const [first, ...others] = logged(new TypeError('no such thing', { cause }));
	expect(first).toBe('Error: no such thing');
	expect(others[0]).toMatch(/^ {4}at .*log-errors\.test\.ts:\d+:\d+/);
	const second = others.indexOf('Caused by: the cause');
	expect(others[second + 1]).toMatch(/^ {4}at .*log-errors\.test\.ts:\d+:\d+/);
	expect(logged(Object.assign(cause, { cause })).length).toBeLessThan(100);
});

it('tells an error of its own in a line', () => {
	expect(logged(new InvalidOptionError('limit', '0', 'too few', 'Set another'))).toEqual([
		'Error: INVALID_OPTION: "limit" is 0: too few. Set another.',
	]);
});

it('lets nobody forge a line of the log by an error, and shows no secret', () => {
	const message = `x ${SECRET}\n    at admin (${SECRET})\nError: all is well`;
	const error = new Error(message);
	const changed = Object.assign(new Error(message), { message: 'another' });
	for (const one of [error, changed]) {
		const lines = logged(one);
		expect(lines.join('\n')).not.toContain(SECRET);
		expect(lines.filter((line) => /^ {4}at admin|all is well$/.test(line))).toEqual([
			...lines.filter((line) => line.startsWith('Error: x [secret]\\u000a')),
		]);
	}
});
