import fc from 'fast-check';

import { describeFailure, isStatusCodeList, matchesStatusCode } from '../../core/failure';

describe('a list of status codes', () => {
	it.each(['429', '429, 500-599', ' 400 - 404 ,422', '100-999', '500-500'])('can be %j', (list) => {
		expect(isStatusCodeList(list)).toBe(true);
	});

	it.each([
		'',
		',',
		'429,',
		'42',
		'4290',
		'4xx',
		'599-500',
		'-500',
		'400-',
		'400–404',
		'4e2',
		'{{ 1 }}',
	])('cannot be %j', (list) => {
		expect(isStatusCodeList(list)).toBe(false);
	});

	it('holds what its numbers and ranges say', () => {
		const code = fc.integer({ min: 100, max: 599 });
		const range = fc
			.tuple(code, code)
			.map(([one, other]) => [Math.min(one, other), Math.max(one, other)]);
		fc.assert(
			fc.property(fc.array(range, { minLength: 1, maxLength: 5 }), code, (ranges, status) => {
				const list = ranges
					.map(([from, to]) => (from === to ? `${from}` : ` ${from}-${to}`))
					.join(',');
				const isIn = ranges.some(([from, to]) => status >= from! && status <= to!);
				expect(matchesStatusCode(list, status)).toBe(isIn);
			}),
		);
		expect(matchesStatusCode('100-599', undefined)).toBe(false);
	});
});

describe('describeFailure', () => {
	it('reads an error of an HTTP client', () => {
		const error = Object.assign(new Error('Too many requests'), {
			name: 'AxiosError',
			code: 'ERR_BAD_REQUEST',
			status: 429,
		});
		expect(describeFailure(error)).toEqual({
			message: 'Too many requests',
			name: 'AxiosError',
			code: 'ERR_BAD_REQUEST',
			statusCode: 429,
		});
	});

	it.each([
		[{ statusCode: '503' }, 503],
		[{ status: 404, statusCode: 503 }, 503],
		[{ code: '502' }, 502],
		[{ code: 42 }, undefined],
		[{ statusCode: 1_000 }, undefined],
		[{ statusCode: [404] }, undefined],
		[{ statusCode: '' }, undefined],
		[{ statusCode: NaN }, undefined],
	])('finds the status of %j', (error, status) => {
		expect(describeFailure(error).statusCode).toBe(status);
	});

	it('never throws, whatever was thrown', () => {
		const trap = {
			get message() {
				throw new Error('trap');
			},
		};
		const proxy = new Proxy(
			{},
			{
				get() {
					throw new Error('trap');
				},
			},
		);
		const unprintable = {
			toString() {
				throw new Error('trap');
			},
		};
		const odd = [
			trap,
			proxy,
			{ statusCode: unprintable },
			{ statusCode: Symbol('s') },
			{ status: 1n },
		];
		for (const thrown of odd) expect(describeFailure(thrown).message).toBe('');
		expect(describeFailure(Symbol('odd')).message).toBe('Symbol(odd)');
		expect(describeFailure(undefined)).toEqual({ message: 'undefined' });
		fc.assert(
			fc.property(fc.anything(), (thrown) => {
				expect(typeof describeFailure(thrown).message).toBe('string');
			}),
			{ numRuns: 1_000 },
		);
	});
});
