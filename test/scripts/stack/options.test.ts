import { readOptions } from '../../../scripts/stack/options.ts';

describe('readOptions of npm run stack', () => {
	it('starts two workers with the flaky API by default, and reports the dead', () => {
		expect(readOptions([])).toEqual({
			help: false,
			workers: 2,
			concurrency: 10,
			port: undefined,
			flakyApi: true,
			restart: false,
			reset: false,
			yes: false,
		});
	});

	it('reads what is given', () => {
		const given = [
			'--workers',
			'4',
			'--concurrency=5',
			'--no-flaky-api',
			'--restart',
			'-p',
			'8080',
		];
		expect(readOptions(given)).toMatchObject({
			workers: 4,
			concurrency: 5,
			flakyApi: false,
			restart: true,
			port: 8080,
		});
	});

	it.each([
		[['--workers', '0'], '0'],
		[['--workers', '33'], '33'],
		[['--workers', '1.5'], '1.5'],
		[['--workers', 'many'], 'many'],
		[['--concurrency', '-1'], undefined],
		[['--concurrency', ''], '""'],
		[['--port', '65536'], '65536'],
	])('refuses %j, naming the option, its value and a remedy', (args, value = '') => {
		expect(() => readOptions(args)).toThrow(
			expect.objectContaining({
				message: expect.stringMatching(args[0]!) as string,
				remedy: expect.any(String) as string,
			}),
		);
		expect(() => readOptions(args)).toThrow(value);
	});

	it('refuses what it does not know, and says where the options are listed', () => {
		expect(() => readOptions(['--wurkers', '4'])).toThrow(
			expect.objectContaining({ remedy: expect.stringContaining('--help') as string }),
		);
	});
});
