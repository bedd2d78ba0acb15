import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyRegistry } from '../../../adapters/memory';
import { RedisPolicyRegistry, ScriptRunner, StateKeys } from '../../../adapters/redis';
import { StoreError } from '../../../core/errors';
import { definePolicy } from '../../../core/policies/define';
import type { PolicyDefinition, PolicyRegistry } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { useOpenStore } from '../../support/use-open-store';

const opened = useOpenStore();

const redisRegistry = (clock: FakeClock, { connection }: OpenStore): PolicyRegistry =>
	new RedisPolicyRegistry({
		connection,
		runner: new ScriptRunner(connection),
		keys: new StateKeys('test:'),
		clock,
		askOf: () => async (request) => await request(),
		isTimeOwn: true,
	});

const DAY_MS = 24 * 60 * 60 * 1_000;

const policy = fc.oneof(
	fc
		.record({
			name: fc.constantFrom('api', 'payments: {eu}'),
			limit: fc.integer({ min: 1, max: 3 }),
		})
		.map(({ name, limit }): PolicyDefinition => definePolicy('rate-limiter', name, { limit })),
	fc
		.constantFrom('local', 'shared')
		.map((scope): PolicyDefinition => definePolicy('circuit-breaker', 'api', { scope })),
	fc.integer({ min: 1, max: 40 }).map((slots): PolicyDefinition => {
		return definePolicy('bulkhead', `slots ${slots}`, { maxConcurrentCalls: slots });
	}),
);

const step = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.record({
			do: fc.constant('note' as const),
			policy,
			place: fc.integer({ min: 1, max: 40 }).map((number) => `place ${number}`),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ do: fc.constant('find' as const), policy }) },
	{
		weight: 1,
		arbitrary: fc.record({ do: fc.constant('list' as const), limit: fc.constantFrom(1, 3, 100) }),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant('wait' as const),
			ms: fc.constantFrom(1, 1_000, DAY_MS, 20 * DAY_MS, 30 * DAY_MS),
		}),
	},
);

async function pagesOf(registry: PolicyRegistry, limit: number): Promise<unknown[]> {
	const found: unknown[] = [];
	for (let after: string | undefined, isFirst = true; isFirst || after; isFirst = false) {
		const page = await registry.list({ after, limit });
		assert.ok(page.policies.length <= limit);
		found.push(...page.policies);
		after = page.next;
	}
	return found;
}

it('gives the answers that the in-process registry gives', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 100, size: 'max' }), async (steps) => {
			await opened.connection.client.flushall();
			const clock = new FakeClock();
			const memory = new MemoryPolicyRegistry(clock);
			const redis = redisRegistry(clock, opened);
			for (const one of steps) {
				if (one.do === 'wait') clock.advance(one.ms);
				if (one.do === 'note') {
					const by = { id: one.place, title: `"${one.place}" of workflow "Orders"` };
					assert.deepEqual(await redis.note(one.policy, by), memory.note(one.policy, by));
				}
				if (one.do === 'find') {
					const { kind, name } = one.policy;
					assert.deepEqual(await redis.find(kind, name), memory.find(kind, name));
				}
				if (one.do === 'list')
					assert.deepEqual(await pagesOf(redis, one.limit), await pagesOf(memory, one.limit));
				assert.deepEqual(await redis.names('bulkhead'), memory.names('bulkhead'));
			}
		}),
		{ numRuns: 60 },
	);
});

it('remembers the places that noted a policy last', async () => {
	await opened.connection.client.flushall();
	const clock = new FakeClock();
	const memory = new MemoryPolicyRegistry(clock);
	const redis = redisRegistry(clock, opened);
	for (let number = 0; number < 50; number++) {
		const by = { id: `place ${number % 30}`, title: 'a step' };
		const limiter = definePolicy('rate-limiter', 'api', { limit: number + 1 });
		assert.deepEqual(await redis.note(limiter, by), memory.note(limiter, by));
		// Of several in one millisecond one must know which to drop, too.
		if (number % 3 === 0) clock.advance(1);
	}
	expect(memory.find('rate-limiter', 'api')?.entries).toHaveLength(20);
});

it('shows one process what another has defined', async () => {
	const other = openStore(standalone(opened.port));
	try {
		const clock = new FakeClock();
		const [mine, theirs] = [redisRegistry(clock, opened), redisRegistry(clock, other)];
		const limiter = definePolicy('rate-limiter', 'shared by two', { limit: 7 });
		await theirs.note(limiter, { id: 'there', title: 'a step over there' });
		expect((await mine.find('rate-limiter', 'shared by two'))?.policy).toEqual(limiter);
		const changed = definePolicy('rate-limiter', 'shared by two', { limit: 8 });
		const { conflicts } = await mine.note(changed, { id: 'here', title: 'a step here' });
		expect(conflicts).toMatchObject([
			{ newer: { by: { id: 'here' } }, older: { by: { id: 'there' } } },
		]);
	} finally {
		other.close();
	}
});

it('keeps no key for ever', async () => {
	const { client } = opened.connection;
	await client.flushall();
	const registry = redisRegistry(new FakeClock(), opened);
	await registry.note(definePolicy('bulkhead', 'kept'), { id: 'here', title: 'a step' });
	const keys = await client.keys('test:*');
	expect(keys).toHaveLength(2);
	for (const key of keys) expect(await client.pttl(key)).toBeGreaterThan(0);
});

it('leaves out what another version defines in a way that this one cannot go by', async () => {
	const registry = redisRegistry(new FakeClock(), opened);
	const notedAt = Date.UTC(2026, 0, 1);
	await opened.connection.client.hset('test:{p:from elsewhere}:definitions:bulkhead', {
		there: `${notedAt} {"title":"a step","options":{"maxConcurrentCalls":"many"}}`,
		'here too': `${notedAt} {"title":`,
	});
	expect(await registry.find('bulkhead', 'from elsewhere')).toBeUndefined();
});

it('says what is wrong in words where Redis does not list them', async () => {
	await opened.connection.client.set(new StateKeys('test:').definedPolicies, 'of another');
	const registry = redisRegistry(new FakeClock(), opened);
	await expect(registry.list({ limit: 9 })).rejects.toThrow(StoreError);
});
