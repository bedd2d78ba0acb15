import { saidByOwner, saidByStep } from '../../../../core/recovery/repairs/run-again';
import type {
	ExecutedWorkflow,
	ExecutionProgress,
	WorkflowRecord,
} from '../../../../core/ports/stack';
import type { Reading } from '../../../../core/stack';

const TAG = 'bulwark:run-again';

const workflow = (more: Partial<WorkflowRecord> = {}): WorkflowRecord => ({
	...{ id: 'w', name: 'w', isActive: true, tags: [], settings: {}, nodes: [], updatedAt: 0 },
	...more,
});

const node = (name: string, type: string, more: object = {}) => ({
	...{ id: name, name, type, isDisabled: false, parameters: {} },
	...more,
});

const webhook = node('Webhook', 'n8n-nodes-base.webhook');
const set = node('Set', 'n8n-nodes-base.set');
const runOnce = node('Once', 'n8n-nodes-bulwark.runOnce', { parameters: { state: 'redis' } });

const known = <T>(value: T): Reading<T> => ({ isKnown: true, value });
const notKnown: Reading<never> = {
	...{ isKnown: false, source: 'database', why: 'connection refused', remedy: 'Start it' },
};

const progress = (goesOnWith: readonly string[]): ExecutionProgress => ({
	...{ executionId: '1', isSaved: true, hasError: false, hasInput: true, isComplete: false },
	goesOnWith,
});

const isSafe = (
	executed: ExecutedWorkflow,
	now = workflow(),
	goesOnWith: readonly string[] = ['Webhook'],
): boolean => {
	const said = saidByOwner(known(now), TAG);
	return (said ?? saidByStep(known(executed), progress(goesOnWith), TAG)).isSafe;
};

it('is safe where the workflow has the tag or the setting now', () => {
	expect(saidByOwner(known(workflow({ tags: [TAG] })), TAG)?.isSafe).toBe(true);
	expect(saidByOwner(known(workflow({ settings: { bulwarkRunAgain: true } })), TAG)?.isSafe).toBe(
		true,
	);
	expect(saidByOwner(known(workflow()), TAG)).toBeUndefined();
});

it('is not safe where the workflow is gone, or cannot be read', () => {
	expect(saidByOwner(known(undefined), TAG)).toEqual({
		...{ isSafe: false, because: 'its workflow is not there any more' },
	});
	expect(saidByOwner(notKnown, TAG)).toEqual({
		...{ isSafe: false, because: 'its workflow cannot be read: connection refused' },
	});
});

describe('is not safe, and nobody is told that there is no such step,', () => {
	const said = (why: string) => ({
		isSafe: false,
		because: `nothing says that its workflow may be run twice: no tag "${TAG}", and whether it comes by a Run Once step is not known: ${why}`,
	});
	const executed = known<ExecutedWorkflow>({ nodes: [webhook, runOnce], wires: [] });
	const begun = progress(['Webhook']);

	it('where what it runs cannot be read, or is kept elsewhere', () => {
		expect(saidByStep(notKnown, begun, TAG)).toEqual(
			said('what it runs cannot be read: connection refused'),
		);
		expect(saidByStep(known(undefined), begun, TAG)).toEqual(
			said('what it runs is not in the database'),
		);
	});

	it('where it is not known with which node it would go on', () => {
		expect(saidByStep(executed, undefined, TAG)).toEqual(said('its saved data cannot be read'));
		expect(saidByStep(executed, progress([]), TAG)).toEqual(
			said('nothing that it would go on with is in the database'),
		);
	});
});

it('is safe where the execution comes by a Run Once step whose record outlives the worker', () => {
	const nodes = [webhook, set, runOnce];
	expect(
		isSafe({
			nodes,
			wires: [
				['Webhook', 'Set'],
				['Set', 'Once'],
				['Once', 'Set'],
			],
		}),
	).toBe(true);
	const inProcess = { ...runOnce, parameters: { state: 'process' } };
	const off = { ...runOnce, isDisabled: true };
	for (const other of [inProcess, off])
		expect(isSafe({ nodes: [webhook, other], wires: [['Webhook', 'Once']] })).toBe(false);
});

it('is not safe by a step that was added since, or that it does not come to', () => {
	const executed: ExecutedWorkflow = { nodes: [webhook, set], wires: [['Webhook', 'Set']] };
	expect(isSafe(executed, workflow({ nodes: [webhook, runOnce] }))).toBe(false);
	expect(isSafe({ nodes: [webhook, set, runOnce], wires: [['Set', 'Once']] })).toBe(false);
});

it('is not safe by a step to which only another trigger leads', () => {
	const schedule = node('Schedule', 'n8n-nodes-base.scheduleTrigger');
	const executed: ExecutedWorkflow = {
		nodes: [webhook, schedule, set, runOnce],
		wires: [
			['Webhook', 'Set'],
			['Schedule', 'Once'],
			['Once', 'Set'],
		],
	};
	expect(isSafe(executed, workflow(), ['Webhook'])).toBe(false);
	expect(isSafe(executed, workflow(), ['Schedule'])).toBe(true);
	// Who goes on behind the step does not come to it.
	expect(isSafe(executed, workflow(), ['Set'])).toBe(false);
	expect(isSafe(executed, workflow(), [])).toBe(false);
});
