import fc from 'fast-check';

import { MemoryIdempotencyStore } from '../../../adapters/memory';
import { createPermitIds } from '../../../adapters/system';
import { FakeClock } from '../../support/fake-clock';
import { RunHistory, runStep } from '../memory/run-histories';
import { useStoreByClock } from './store-by-clock';

/** A fifth of what the policies are asked: there is much less to answer. */
const LEAST_STEPS = Number(process.env.BULWARK_STEPS ?? 100_000) / 5;

const redis = useStoreByClock();
const newId = createPermitIds();

it('gives the answers that the in-process store gives, which keep the rules', async () => {
	let steps = 0;
	const history = fc.array(runStep, { maxLength: 500, size: 'max' });
	await fc.assert(
		fc.asyncProperty(history, async (played) => {
			steps += played.length;
			await redis.client.flushall();
			const clock = new FakeClock();
			const stores = [new MemoryIdempotencyStore(clock), redis.openRuns(clock, newId)];
			await new RunHistory(clock, stores).play(played);
			for (const key of await redis.client.keys('*'))
				expect(await redis.client.pttl(key)).toBeGreaterThan(0);
		}),
		{ numRuns: 20 + Math.ceil(LEAST_STEPS / 180) },
	);
	expect(steps).toBeGreaterThanOrEqual(LEAST_STEPS);
}, 3_600_000);
