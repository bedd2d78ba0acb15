import assert from 'node:assert/strict';

import fc from 'fast-check';

import { guardsOf } from '../memory/histories';
import { lapsingKeys } from './lapsing-keys';
import { PairOfStores } from './pair-of-stores';
import { setting, step, type Setting, type Step } from './shared-histories';
import { useStoreByClock } from './store-by-clock';

/** 1,000,000 by `npm run test:long`. */
const LEAST_STEPS = Number(process.env.BULWARK_STEPS ?? 100_000);

/** On a slow machine; most take a tenth of that. */
const LONGEST_STEP_MS = 6;

const redis = useStoreByClock();

/** Whatever a script leaves behind goes by itself some day. */
async function checkLives(): Promise<void> {
	for (const key of await redis.client.keys('*'))
		assert.ok((await redis.client.pttl(key)) > 0, key);
}

const underOneName = ({ policies, alternatives }: Setting): Setting => ({
	policies: policies.map((policy) => ({ ...policy, name: 'one' })),
	alternatives: alternatives.map((policy) => ({ ...policy, name: 'one' })),
});

/** Whether a call of a script carries it in its turn among those that are sent with it. */
const canShareTurn = (one: Step, { policies, alternatives }: Setting): boolean => {
	if (policies.some(({ name }) => name !== policies[0]!.name)) return false;
	// When it asks a third time, it may be known already that a breaker has opened since.
	if (one.do === 'call' && one.isSentTwice) return false;
	if (one.do === 'call')
		return guardsOf(one.by ? alternatives : policies, one).every(
			({ policy }) => policy.kind !== 'bulkhead' || policy.options.maxWaitDurationMs === 0,
		);
	if (one.do === 'settle') return !one.isSentTwice;
	return one.do === 'settle again' || one.do === 'override';
};

/** Waits for all, also where one fails: a later history must not meet what is left of this one. */
async function allOf(turn: ReadonlyArray<Promise<void>>): Promise<void> {
	for (const end of await Promise.allSettled(turn)) if (end.status === 'rejected') throw end.reason;
}

/** Plays random histories of at least `leastSteps` steps in all on both stores. */
async function playHistories(
	settings: fc.Arbitrary<Setting>,
	steps: fc.Arbitrary<Step>,
	leastSteps: number,
	open: (made: Setting) => PairOfStores,
): Promise<void> {
	let played = 0;
	const history = fc.array(steps, { maxLength: 500, size: 'max' });
	await fc.assert(
		fc.asyncProperty(
			fc.oneof(settings, settings.map(underOneName)),
			history,
			async (made, asked) => {
				played += asked.length;
				await redis.client.flushall();
				const stores = open(made);
				// Some are sent in one turn, so that one call of a script carries them.
				const turn: Array<Promise<void>> = [];
				for (const [index, one] of asked.entries()) {
					if (!canShareTurn(one, made) || turn.length === 5) await allOf(turn.splice(0));
					turn.push(stores.play(one, index));
					// Until a change by hand is answered, calls are turned away by what was known before it.
					const isLast = !canShareTurn(one, made) || one.do === 'override';
					if (isLast) await allOf(turn.splice(0));
					if (index % 10 === 0 || index === asked.length - 1) {
						await allOf(turn.splice(0));
						await stores.compareStates();
					}
				}
				await checkLives();
			},
		),
		{
			numRuns: 100 + Math.ceil(leastSteps / 180),
			// A history that fails is made shorter for no longer than that.
			interruptAfterTimeLimit: LONGEST_STEP_MS * leastSteps,
		},
	);
	expect(played).toBeGreaterThanOrEqual(leastSteps);
}

it('gives the answers that the in-process store gives', async () => {
	await playHistories(setting, step, LEAST_STEPS, (made) => new PairOfStores(made, redis));
}, 3_600_000);

it('gives them also where keys lapse as the time of the test goes by', async () => {
	// One definition a name: to one that is new, a state that has lapsed by all others is none.
	const settled = setting.map(({ policies }) => ({ policies, alternatives: policies }));
	// Most waits are close to what states live on.
	const patient = fc
		.tuple(step, fc.nat({ max: 1_200 }), fc.boolean())
		.map(([one, ms, isOwn]) => (one.do === 'wait' && !isOwn ? { ...one, ms } : one));
	await playHistories(settled, patient, LEAST_STEPS / 10, (made) => {
		const lapse = lapsingKeys(redis.client);
		return new PairOfStores(made, redis, lapse);
	});
}, 3_600_000);
