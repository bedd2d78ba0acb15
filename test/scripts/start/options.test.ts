import { readOptions } from '../../../scripts/start/options.ts';

describe('readOptions', () => {
	it('brings the demo along on a port of its choice by default', () => {
		expect(readOptions([])).toEqual({
			help: false,
			port: undefined,
			demo: true,
			reset: false,
			yes: false,
		});
	});

	it('reads what is given', () => {
		const given = readOptions(['--port', '8080', '--no-demo', '--reset', '--yes']);
		expect(given).toMatchObject({ port: 8080, demo: false, reset: true, yes: true });
	});

	it.each([[['--port', 'x']], [['--port', '70000']], [['--nonsense']]])(
		'refuses %j with a remedy',
		(args) => {
			expect(() => readOptions(args)).toThrow(
				expect.objectContaining({ remedy: expect.any(String) }),
			);
		},
	);
});
