import { mayRunAgain } from '../../../core/recovery/run-again';
import type { ExecutedWorkflow, WorkflowRecord } from '../../../core/ports/stack';

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

const isSafe = (
	executed: ExecutedWorkflow | undefined,
	now = workflow(),
	goesOnWith = ['Webhook'],
): boolean => mayRunAgain(now, executed, goesOnWith, TAG).isSafe;

it('is safe where the workflow has the tag or the setting now', () => {
	expect(isSafe(undefined, workflow({ tags: [TAG] }))).toBe(true);
	expect(isSafe(undefined, workflow({ settings: { bulwarkRunAgain: true } }))).toBe(true);
	expect(isSafe(undefined)).toBe(false);
	expect(mayRunAgain(undefined, undefined, ['Webhook'], TAG).isSafe).toBe(false);
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
