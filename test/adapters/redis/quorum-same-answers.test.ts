import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../adapters/memory';
import { definePolicy, guard } from '../../../core/policies/define';
import type { OverrideAction, Permit, PolicyStore } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';
import { seenState } from '../memory/histories';
import { useStoreByClock } from './store-by-clock';

const VOTERS = ['one', 'two', 'three'];
const SUCCESS = { kind: 'success', latencyMs: 0 } as const;

const redis = useStoreByClock();

const step = fc.oneof(
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('vote' as const),
			voter: fc.constantFrom(...VOTERS),
			/** Below 0 it takes the vote back. */
			voteMs: fc.constantFrom(100, 300, 300, -1),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant('wait' as const),
			ms: fc.constantFrom(1, 99, 100, 200, 300),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant('override' as const),
			action: fc.constantFrom<OverrideAction[]>('open', 'close', 'isolate', 'reset'),
		}),
	},
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** What a store says of the votes, after each step. */
async function answersOf(
	store: PolicyStore,
	clock: FakeClock,
	steps: readonly Step[],
	quorum: number,
): Promise<unknown[]> {
	const votesOf = (voter: string) =>
		definePolicy('breaker-quorum', 'api', { quorum, waitDurationInOpenStateMs: 150, voter });
	const answers: unknown[] = [];
	for (const [index, one] of steps.entries()) {
		const policy = votesOf(one.do === 'vote' ? one.voter : VOTERS[0]!);
		const guards = [guard(policy)];
		if (one.do === 'wait') clock.advance(one.ms);
		if (one.do === 'override') await store.override(policy, '', one.action);
		if (one.do === 'vote') {
			const [id, tokens] = [`me:vote ${index}`, [one.voteMs]];
			const terms = { admittedAt: clock.now(), leased: false, timeoutMs: undefined };
			const permit: Permit = { id, guards, tokens, ...terms };
			answers.push(await store.settle(permit, SUCCESS));
		}
		const { status, ...rest } = await store.admit({
			permitId: `me:${index}`,
			guards,
			attempt: 1,
			leaseMs: 1_000,
		});
		answers.push([status, 'retryAfterMs' in rest ? rest.retryAfterMs : 0]);
		answers.push(seenState(await store.inspect({ kind: policy.kind, name: 'api', key: '' })));
	}
	return answers;
}

/** Few steps, so that what is wrong shows in a short history soon. */
it('gives the answers about votes that the in-process store gives', async () => {
	const history = fc.array(step, { maxLength: 12 });
	await fc.assert(
		fc.asyncProperty(fc.integer({ min: 1, max: 3 }), history, async (quorum, steps) => {
			await redis.client.flushall();
			const [inside, outside] = [new FakeClock(), new FakeClock()];
			const memory = new MemoryPolicyStore(inside);
			const expected = await answersOf(memory, inside, steps, quorum);
			const answers = await answersOf(redis.open(outside), outside, steps, quorum);
			assert.deepEqual(answers, expected);
		}),
		{ numRuns: 300 },
	);
});
