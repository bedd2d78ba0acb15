import { guarded, items } from '../../support/guarded-workflow';
import { batches, scripted } from '../../support/test-nodes';
import { runWorkflow } from '../../support/workflow-harness';

const sorted = (ids: unknown[]): number[] => ids.map(Number).sort((a, b) => a - b);

describe('Loop Over Items', () => {
	const around = (size: number) => {
		const call = scripted({ 2: ['fail', 'ok'], 4: ['fail'], 5: ['fail', 'ok'] });
		const options = guarded({
			step: 'retry',
			parameters: { maxAttempts: 3, delayMs: 1, options: { jitter: 'none' } },
			call: call.type,
			nodes: [
				{ name: 'Batches', type: 'batches' },
				{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
				{ name: 'Done', type: 'probe', parameters: { value: "={{ $('Start').item.json.id }}" } },
			],
			nodeTypes: { batches: batches(size) },
			items: items(5),
		});
		return {
			call,
			options: {
				...options,
				connections: [
					'Start -> Batches',
					'Batches.loop -> Step.Items',
					'Step.Call -> Call',
					'Call.Success -> Step.Succeeded',
					'Call.Error -> Step.Failed',
					'Step.Success -> Batches',
					'Step.Failed -> Batches',
					'Batches.done -> Done',
				],
			},
		};
	};

	it('around a step, item by item: every item is done once', async () => {
		const { call, options } = around(1);
		const run = await runWorkflow(options);
		expect(run.status).toBe('success');
		expect(run.json('Done')).toMatchObject([1, 2, 3, 4, 5].map((id) => ({ id, probed: id })));
		expect([1, 2, 3, 4, 5].map(call.callsOf)).toEqual([1, 2, 1, 3, 2]);
	});

	it('around a step, in batches: every item goes through', async () => {
		const { call, options } = around(2);
		const run = await runWorkflow(options);
		expect(run.status).toBe('success');
		// A batch that comes back in parts makes Loop Over Items go on at the first of them.
		expect(sorted(run.lastOutput('Done').map(({ json }) => json.id))).toEqual([1, 2, 3, 4, 5]);
		expect([1, 2, 3, 4, 5].map(call.callsOf)).toEqual([1, 2, 1, 3, 2]);
	});

	it('inside a step: what it collects is followed', async () => {
		const call = scripted({ 4: ['fail'] });
		const run = await runWorkflow(
			guarded({
				step: 'bulkhead',
				call: call.type,
				nodes: [
					{ name: 'Batches', type: 'batches' },
					{ name: 'Work', type: 'start' },
					{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
				],
				wires: [
					'Step.Call -> Batches',
					'Batches.loop -> Work',
					'Work -> Batches',
					'Batches.done -> Call',
					'Call.Success -> Step.Succeeded',
					'Call.Error -> Step.Failed',
				],
				nodeTypes: { batches: batches(1) },
				items: items(4),
			}),
		);
		expect(run.status).toBe('success');
		expect(sorted(run.json('Good').map(({ id }) => id))).toEqual([1, 2, 3]);
		expect(run.json('Bad').map(({ id }) => id)).toEqual([4]);
	});
});
