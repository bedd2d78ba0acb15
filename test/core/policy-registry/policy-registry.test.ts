import { MemoryPolicyRegistry } from '../../../adapters/memory';
import { definePolicy } from '../../../core/policies/define';
import { DefinitionNotes, describeConflict, KnownPolicies } from '../../../core/policy-registry';
import type { PolicyRegistry } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';

const HOUR_MS = 3_600_000;

const breakerOf = (options: Record<string, unknown> = {}, name = 'api') =>
	definePolicy('circuit-breaker', name, options);

const place = (id: string) => ({ id, title: `"${id}" of workflow "Orders"` });

function setUp() {
	const clock = new FakeClock();
	const registry = new MemoryPolicyRegistry(clock);
	let isDown = false;
	let asked = 0;
	let delayed = Promise.resolve();
	/** The registry behind a link that can be cut. */
	const far: PolicyRegistry = {
		...registry,
		note: async (policy, by) => ask(() => registry.note(policy, by)),
		find: async (kind, name) => {
			const found = ask(() => registry.find(kind, name));
			await delayed;
			return found;
		},
		list: (page) => registry.list(page),
		names: (kind) => registry.names(kind),
	};
	function ask<T>(request: () => T): T {
		asked++;
		if (isDown) throw new Error('ECONNREFUSED');
		return request();
	}
	return {
		clock,
		registry,
		notes: new DefinitionNotes(far, clock),
		known: new KnownPolicies(far, clock),
		cut: () => (isDown = true),
		mend: () => (isDown = false),
		/** Holds answers back until what it returns is called. */
		delay: () => {
			let answer = () => {};
			delayed = new Promise((resolve) => (answer = resolve));
			return answer;
		},
		asked: () => asked,
	};
}

describe('two places that define one policy', () => {
	it('are in conflict where an option differs, and it is said which', () => {
		const { registry } = setUp();
		registry.note(breakerOf(), place('old'));
		const { conflicts } = registry.note(
			breakerOf({ failureRateThreshold: 50, thresholdStrategy: 'adaptive' }),
			place('new'),
		);
		expect(conflicts).toHaveLength(1);
		const said = describeConflict(conflicts[0]!);
		for (const part of [
			'circuit breaker "api"',
			'"old" of workflow "Orders"',
			'"new" of workflow "Orders"',
			'Failure Rate Threshold is 50 and 25',
			'Failure Rate Rule is "adaptive" and "fixed"',
		])
			expect(said).toContain(part);
		expect(conflicts[0]!.differences).toHaveLength(2);
	});

	it('are in none where they say the same, or are of different names or kinds', () => {
		const { registry } = setUp();
		registry.note(breakerOf(), place('old'));
		registry.note(breakerOf({ failureRateThreshold: 50 }, 'other'), place('new'));
		registry.note(definePolicy('bulkhead', 'api'), place('new'));
		expect(registry.note(breakerOf(), place('new')).conflicts).toEqual([]);
	});

	it('are in none where one changed its mind, or has not been heard of for a day', () => {
		const { clock, registry } = setUp();
		registry.note(breakerOf(), place('one'));
		registry.note(breakerOf({ failureRateThreshold: 50 }), place('one'));
		expect(registry.find('circuit-breaker', 'api')?.conflicts).toEqual([]);
		clock.advance(25 * HOUR_MS);
		expect(registry.note(breakerOf(), place('two')).conflicts).toEqual([]);
	});
});

describe('noting definitions', () => {
	it('asks the registry once an hour', async () => {
		const { clock, notes, asked } = setUp();
		await notes.note(breakerOf(), place('one'));
		expect(notes.note(breakerOf(), place('one'))).toBeUndefined();
		clock.advance(HOUR_MS);
		await notes.note(breakerOf(), place('one'));
		expect(asked()).toBe(2);
	});

	it('notes a change soon, but not with every call', async () => {
		const { clock, notes, asked, registry } = setUp();
		for (let second = 0; second <= 60; second++) {
			await notes.note(breakerOf({ minimumNumberOfCalls: second + 1 }), place('one'));
			clock.advance(1_000);
		}
		expect(asked()).toBe(7);
		const options = { minimumNumberOfCalls: 61 };
		expect(registry.find('circuit-breaker', 'api')?.policy).toEqual(breakerOf(options));
	});

	it('notes again what got lost', async () => {
		const { notes, cut, mend, registry } = setUp();
		cut();
		await expect(notes.note(breakerOf(), place('one'))).rejects.toThrow();
		mend();
		await notes.note(breakerOf(), place('one'));
		expect(registry.names('circuit-breaker')).toEqual(['api']);
	});
});

describe('a policy that is known by name', () => {
	it('is the same object while its definition stays the same, and another after a change', async () => {
		const { clock, known, registry, asked } = setUp();
		registry.note(breakerOf(), place('one'));
		const first = await known.find('circuit-breaker', 'api');
		expect(first).toEqual(breakerOf());
		await known.find('circuit-breaker', 'api');
		expect(asked()).toBe(1);
		registry.note(breakerOf(), place('two'));
		clock.advance(5_000);
		expect(await known.find('circuit-breaker', 'api')).toBe(first);
		registry.note(breakerOf({ failureRateThreshold: 50 }), place('two'));
		clock.advance(5_000);
		expect((await known.find('circuit-breaker', 'api'))?.options).toMatchObject({
			failureRateThreshold: 50,
		});
	});

	it('keeps nobody waiting who uses it often, and is what it was for five seconds at most', async () => {
		const { clock, known, registry, delay, asked } = setUp();
		registry.note(breakerOf(), place('one'));
		const first = await known.find('circuit-breaker', 'api');
		registry.note(breakerOf({ failureRateThreshold: 50 }), place('one'));
		const answer = delay();
		clock.advance(4_000);
		// Both at once, while the registry is asked one time.
		for (let use = 0; use < 2; use++)
			expect(await known.find('circuit-breaker', 'api')).toBe(first);
		expect(asked()).toBe(2);
		clock.advance(1_000);
		const late = known.find('circuit-breaker', 'api');
		answer();
		expect((await late)?.options).toMatchObject({ failureRateThreshold: 50 });
		expect(asked()).toBe(2);
	});

	it('is found as soon as somebody defines it', async () => {
		const { known, registry } = setUp();
		expect(await known.find('circuit-breaker', 'api')).toBeUndefined();
		registry.note(breakerOf(), place('one'));
		expect(await known.find('circuit-breaker', 'api')).toBeDefined();
	});

	it('stays as it was while the registry cannot be asked', async () => {
		const { clock, known, registry, cut } = setUp();
		registry.note(breakerOf(), place('one'));
		await known.find('circuit-breaker', 'api');
		cut();
		clock.advance(HOUR_MS);
		expect(await known.find('circuit-breaker', 'api')).toEqual(breakerOf());
		await expect(known.find('circuit-breaker', 'other')).rejects.toThrow();
	});
});
