import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../../adapters/memory';
import { definePolicy, guard } from '../../../../core/policies/define';
import type { OverrideAction, Permit, PolicyDefinition } from '../../../../core/ports';
import { FakeClock } from '../../../support/fake-clock';
import { holdsForHistories } from '../../../support/property';

const VOTERS = ['one', 'two', 'three', 'four'];
const WAIT_MS = 300;

const votesOf = (voter: string, quorum: number) =>
	definePolicy('breaker-quorum', 'api', {
		quorum,
		waitDurationInOpenStateMs: WAIT_MS,
		voter,
	});

/** The votes that workers cast, and whether calls pass. */
function setUp(quorum: number) {
	const clock = new FakeClock();
	const store = new MemoryPolicyStore(clock);
	const policies = VOTERS.map((voter) => votesOf(voter, quorum));
	let id = 0;
	const permitFor = (policy: PolicyDefinition, voteMs: number): Permit => ({
		id: `any:${id++}`,
		guards: [guard(policy)],
		tokens: [voteMs],
		admittedAt: clock.now(),
		leased: false,
		timeoutMs: undefined,
	});
	const vote = (voter: number, voteMs: number) =>
		store.settle(permitFor(policies[voter]!, voteMs), { kind: 'success', latencyMs: 0 });
	const ask = () =>
		store.admit({
			permitId: `any:${id++}`,
			guards: [guard(policies[0]!)],
			attempt: 1,
			leaseMs: 1_000,
		});
	const retryAfterMs = () => {
		const answer = ask();
		return answer.status === 'rejected' ? answer.retryAfterMs : 0;
	};
	const override = (action: OverrideAction) => store.override(policies[0]!, '', action);
	const inspect = () => store.inspect({ kind: 'breaker-quorum', name: 'api', key: '' });
	return { clock, vote, ask, retryAfterMs, override, inspect };
}

const voter = fc.nat({ max: VOTERS.length - 1 });
const step = fc.oneof(
	fc.record({
		do: fc.constant('vote' as const),
		voter,
		voteMs: fc.constantFrom(-1, 0, 0, 1, 50, 100, 500),
	}),
	fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 49, 50, 100, 600) }),
	fc.record({
		do: fc.constant('override' as const),
		action: fc.constantFrom<OverrideAction[]>('open', 'close', 'isolate', 'reset'),
	}),
);

it('turns calls away while a quorum of votes stands, and says since when and for how long', () => {
	holdsForHistories(fc.integer({ min: 1, max: 4 }), step, (quorum, steps) => {
		const { clock, vote, retryAfterMs, override, inspect } = setUp(quorum);
		const until = new Map<number, number>();
		let byHand = 0;
		let since = 0;
		let wasIsolated = false;
		const isOpenAt = (time: number): boolean =>
			time < byHand || [...until.values()].filter((end) => end > time).length >= quorum;
		for (const one of steps) {
			if (one.do === 'wait') clock.advance(one.ms);
			const wasTurningAway = isOpenAt(clock.now());
			if (one.do === 'vote') {
				vote(one.voter, one.voteMs);
				if (one.voteMs !== 0) until.set(one.voter, clock.now() + Math.max(0, one.voteMs));
			}
			if (one.do === 'override') {
				override(one.action);
				if (one.action === 'close' || one.action === 'reset') until.clear();
				byHand = { open: clock.now() + WAIT_MS, isolate: Infinity, close: 0, reset: 0 }[one.action];
			}
			const now = clock.now();
			const isIsolated = byHand === Infinity;
			if (isOpenAt(now) && (!wasTurningAway || isIsolated !== wasIsolated)) since = now;
			wasIsolated = isIsolated;
			const wait = retryAfterMs();
			assert.equal(wait > 0, isOpenAt(now));
			// It says the first moment at which calls pass.
			if (wait === Infinity) assert.equal(byHand, Infinity);
			else if (wait > 0)
				assert.deepEqual([now + wait - 1, now + wait].map(isOpenAt), [true, false]);
			const seen = inspect();
			const expected = byHand === Infinity ? 'isolated' : wait > 0 ? 'open' : 'closed';
			assert.equal(seen?.state ?? 'closed', expected);
			assert.equal(seen?.since, expected === 'closed' ? undefined : since);
		}
	});
});

it('counts the vote of one voter once', () => {
	const { vote, ask } = setUp(2);
	vote(0, 100);
	vote(0, 200);
	expect(ask().status).toBe('granted');
	vote(1, 100);
	expect(ask().status).toBe('rejected');
});

it('remembers nothing once all votes have lapsed', () => {
	const { clock, vote, inspect } = setUp(2);
	vote(0, 100);
	expect(inspect()?.figures).toMatchObject({ votes: 1, quorum: 2, retryAfterMs: 0 });
	clock.advance(100);
	expect(inspect()).toBeUndefined();
});
