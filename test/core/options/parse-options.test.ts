import fc from 'fast-check';

import { InvalidOptionError } from '../../../core/errors';
import { describeOptions, parseOptions } from '../../../core/options';
import { optionsSchemas } from '../../../core/policies/define';
import { fallbackOptions } from '../../../core/policies/fallback';
import { retryOptions } from '../../../core/policies/retry';

const schemas = { ...optionsSchemas, retry: retryOptions, fallback: fallbackOptions };
const policies = Object.entries(schemas);

const invalid = (
	raw: Record<string, unknown>,
	schema = retryOptions as never,
): InvalidOptionError => {
	try {
		parseOptions(schema, raw);
	} catch (error) {
		if (error instanceof InvalidOptionError) return error;
		throw error;
	}
	throw new Error('must be invalid');
};

/** Values of every wrong kind, as expressions and hand-written workflows bring them. */
const odd = fc.oneof(
	fc.constantFrom<unknown[]>(
		undefined,
		null,
		NaN,
		Infinity,
		-Infinity,
		-1,
		-0.5,
		1e308,
		Number.MAX_SAFE_INTEGER,
		'',
		' ',
		'NaN',
		'1e999',
		'five',
		'{{ $json.limit }}',
		'={{ 1 + 1 }}',
		'x'.repeat(10_000),
		'\n\u0000\ud800',
		true,
		10n,
		Symbol('odd'),
		() => 5,
		new Date(0),
		new Map(),
		[],
		[5],
		[[]],
		{},
		{ valueOf: () => 5 },
		Object.create(null),
	),
	fc.constant({
		toString() {
			throw new Error('toString was called');
		},
		toJSON() {
			throw new Error('toJSON was called');
		},
		[Symbol.toPrimitive]() {
			throw new Error('toPrimitive was called');
		},
	}),
	fc.anything(),
);

describe.each(policies)('options of %s', (_policy, schema) => {
	const options = describeOptions(schema);

	it('have defaults that are valid, and need no setting at all', () => {
		const defaults = Object.fromEntries(options.map((option) => [option.name, option.default]));
		expect(parseOptions(schema, {})).toEqual(defaults);
		expect(parseOptions(schema, defaults)).toEqual(defaults);
		expect(Object.isFrozen(parseOptions(schema, {}))).toBe(true);
	});

	it('say what they are', () => {
		expect(options.map(({ name }) => name)).toEqual(Object.keys(schema.shape));
		for (const option of options) {
			expect(option.title).toMatch(/^[A-Z]/);
			expect(option.description.length).toBeGreaterThan(15);
			expect(option.default).toBeDefined();
			if (option.type === 'number') {
				expect(option.unit).toBeTruthy();
				expect(option.minimum).toBeLessThanOrEqual(option.default as number);
				expect(option.maximum).toBeGreaterThanOrEqual(option.default as number);
				if (option.name.endsWith('Ms')) expect(option.unit).toBe('ms');
			}
			if (option.type === 'choice') {
				expect(Object.keys(option.labels!)).toContain(option.default);
			}
			if (option.type === 'text') expect(option.maxLength).toBeGreaterThan(0);
			for (const [sibling, values] of Object.entries(option.showWhen ?? {})) {
				const other = options.find(({ name }) => name === sibling)!;
				for (const value of values) {
					if (other.type === 'choice') expect(Object.keys(other.labels!)).toContain(value);
					else expect(other.type).toBe('boolean');
				}
			}
		}
		expect(new Set(options.map(({ title }) => title)).size).toBe(options.length);
	});

	it('keep to their bounds', () => {
		for (const { name, title, type, minimum, maximum, integer } of options) {
			if (type !== 'number') continue;
			const beyond = [minimum! - 1, maximum! + 1, NaN, Infinity, -Infinity, '', 'many'];
			if (integer) beyond.push(minimum! + 0.5);
			for (const value of beyond) {
				const error = invalid({ [name]: value }, schema as never);
				expect(error.parameter).toBe(title);
				expect(error.remedy).toContain(`from ${minimum} to ${maximum}`);
			}
		}
	});

	it('are refused with title, value and remedy whatever they are set to', () => {
		fc.assert(
			fc.property(fc.constantFrom(...options), odd, (option, value) => {
				try {
					parseOptions(schema, { [option.name]: value });
				} catch (error) {
					if (!(error instanceof InvalidOptionError)) throw error;
					// Where two options do not fit together, the other one may be named.
					expect(options.some(({ title }) => error.parameter.startsWith(title))).toBe(true);
					expect(error.message).toContain(`"${error.parameter}" is `);
					expect(error.message.length).toBeLessThan(1_000);
					expect(error.remedy).toMatch(/^(Set it to|Correct)/);
				}
			}),
			{ numRuns: 1_500 },
		);
	});

	it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'surprise'])(
		'refuse the unknown option %s',
		(name) => {
			const raw = JSON.parse(`{ "${name}": { "maxAttempts": 7 } }`);
			const error = invalid(raw, schema as never);
			expect(error.parameter).toBe(name);
			expect(error.remedy).toBe('Remove it');
			expect(({} as Record<string, unknown>).maxAttempts).toBeUndefined();
		},
	);
});

describe('an invalid option', () => {
	it('that is undefined is taken for an expression without a result, not for the default', () => {
		const error = invalid({ maxAttempts: undefined });
		expect(error.message).toBe(
			'"Maximum Attempts" is missing (the expression resolved to nothing): not a value it can have',
		);
		expect(error.remedy).toBe('Set it to a whole number from 1 to 1000 attempts (default 3)');
		expect(error.code).toBe('INVALID_OPTION');
	});

	it('shows long text shortened', () => {
		expect(invalid({ maxAttempts: 'x'.repeat(10_000) }).value).toBe(`"${'x'.repeat(60)}…"`);
		expect(invalid({ ['x'.repeat(10_000)]: 1 }).parameter).toBe(`${'x'.repeat(60)}…`);
	});

	it('may be a number in text, but no other text', () => {
		expect(parseOptions(retryOptions, { maxAttempts: '5' }).maxAttempts).toBe(5);
		expect(invalid({ maxAttempts: '5 times' }).value).toBe('"5 times"');
		expect(invalid({ maxAttempts: true }).value).toBe('true');
	});

	it('is shown as it is where its default does not fit the others', () => {
		const error = invalid({ delayMs: 60_000 });
		expect(error.message).toBe('"Maximum Delay" is 30000: shorter than the delay');
	});

	it('within a list is named by its place', () => {
		const rules = [{ statusCodes: '500' }, { statusCodes: '5xx' }];
		const error = invalid({ rules });
		expect(error.parameter).toBe('Rules, entry 2, statusCodes');
		expect(error.value).toBe('"5xx"');
		expect(error.message).toContain('numbers or ranges');
		expect(invalid({ rules: [null] }).message).toContain('"Rules, entry 1" is null');
		expect(invalid({ rules: [{ surprise: 1 }] }).message).toContain('surprise');
	});

	it.each([
		[{ delayMs: 5_000, maxDelayMs: 4_999 }, 'retry', 'Maximum Delay', 'shorter than the delay'],
		[
			{ waitDurationMultiplier: 2, maxWaitDurationInOpenStateMs: 1 },
			'circuit-breaker',
			'Maximum Wait in Open State',
			'shorter than the wait in open state',
		],
		[
			{ failureRateThreshold: 0, slowCallRateThreshold: 0 },
			'circuit-breaker',
			'Failure Rate Threshold',
			'every rule is switched off',
		],
		[
			{ thresholdStrategy: 'adaptive', failureRateThreshold: 76 },
			'circuit-breaker',
			'Highest Threshold',
			'below the failure rate threshold',
		],
		[{ ignoredStatusCodes: '4xx' }, 'circuit-breaker', 'Ignored Status Codes', 'numbers or ranges'],
		[
			{ limit: 1_000_000, periodMs: 31_000_000_000 },
			'rate-limiter',
			'Period',
			'too large to be counted exactly',
		],
		[
			{ adaptive: true, minimumLimit: 1, limit: 1_000_000, periodMs: 1_000_000_000 },
			'rate-limiter',
			'Period',
			'too large to be counted exactly',
		],
		[
			{ adaptive: true, backoffIntervalMs: 2, recoveryMs: 1 },
			'rate-limiter',
			'Back-Off Interval',
			'longer than the recovery time',
		],
		[
			{ strategy: 'aimd', maxConcurrentCalls: 5, minConcurrentCalls: 6 },
			'bulkhead',
			'Lower Bound',
			'above the maximum of concurrent calls',
		],
		[
			{ strategy: 'aimd', minConcurrentCalls: 6, initialConcurrentCalls: 5 },
			'bulkhead',
			'Initial Limit',
			'below the lower bound',
		],
		[
			{ strategy: 'gradient', maxConcurrentCalls: 19 },
			'bulkhead',
			'Initial Limit',
			'above the maximum of concurrent calls',
		],
		[
			{ strategy: 'adaptive', minTimeoutMs: 2, maxTimeoutMs: 1 },
			'timeout',
			'Upper Bound',
			'below the lower bound',
		],
	] as const)('that does not fit the others is named: %j', (raw, policy, title, problem) => {
		const error = invalid(raw, schemas[policy] as never);
		expect(error.parameter).toBe(title);
		expect(error.message).toContain(problem);
	});
});
