import { HELD_OUTPUT } from '../../../nodes/shared/ports';
import {
	guarded,
	guardedChild,
	items,
	sortedEnds,
	type Guarded,
} from '../../support/guarded-workflow';
import { setAheadTo, setBack } from '../../support/process-state';
import { roundTrip } from '../../support/round-trip';
import {
	runWorkflow,
	type FinishedWorkflow,
	type RunOptions,
} from '../../support/workflow-harness';

const ids = (count: number) => items(count).map(({ id }) => Number(id));

/** Runs through all waits, each over saved data as after a restart of n8n. */
async function runThroughWaits(options: RunOptions): Promise<FinishedWorkflow> {
	let run = await runWorkflow(options);
	while (run.status === 'waiting') {
		setAheadTo(run.waitTill!);
		run = await run.resume();
	}
	return run;
}

afterEach(setBack);

describe('items that wait for their turn', () => {
	it.each<[string, Guarded]>([
		['a slot', { step: 'bulkhead', parameters: { maxConcurrentCalls: 1 } }],
		[
			'the limit',
			{ step: 'rateLimiter', parameters: { limit: 1, periodMs: 5, maxWaitMs: 60_000 } },
		],
	])('for %s are saved once: the data of an execution grows with the items', async (_, guard) => {
		const bytesFor = async (count: number) => {
			const run = await runWorkflow(guarded({ ...guard, items: items(count) }));
			expect(sortedEnds(run)).toEqual({ good: ids(count), bad: [], rejected: [] });
			expect(run.output('Step', HELD_OUTPUT).length).toBeLessThan(count);
			return JSON.stringify(run.data).length;
		};
		const few = await bytesFor(50);
		// How many waves a limit makes depends on the clock; stored anew in each, they would take 16 times as much.
		expect((await bytesFor(200)) / few).toBeLessThan(6);
	});

	it('again and again, over restarts, are followed to where they came from', async () => {
		const run = await runThroughWaits(
			guarded({
				step: 'rateLimiter',
				parameters: { limit: 1, periodMs: 120_000, maxWaitMs: 86_400_000 },
				items: items(6),
			}),
		);
		expect(sortedEnds(run)).toEqual({ good: ids(6), bad: [], rejected: [] });
		expect(run.output('Step', HELD_OUTPUT)).toHaveLength(5);
	});

	it('for a sub-workflow are saved once, too, with what the user set for each', async () => {
		const run = await runThroughWaits(
			guardedChild({
				step: 'rateLimiter',
				parameters: {
					limit: 1,
					periodMs: 120_000,
					maxWaitMs: 86_400_000,
					key: "={{ $('Start').item.json.id % 2 }}",
				},
				items: items(8),
			}),
		);
		expect(sortedEnds(run)).toEqual({ good: ids(8), bad: [], rejected: [] });
		expect(run.output('Step', HELD_OUTPUT)).toHaveLength(6);
	});

	it('are saved as plain data', async () => {
		const first = await runWorkflow(
			guarded({
				step: 'rateLimiter',
				parameters: { limit: 1, periodMs: 120_000, maxWaitMs: 600_000 },
				items: items(3),
			}),
		);
		expect(first.status).toBe('waiting');
		const { contextData } = first.data.executionData!;
		expect(roundTrip(contextData)).toEqual(contextData);
	});
});
