import type { INodePropertyOptions } from 'n8n-workflow';
import { z } from 'zod';

import { duration, toggle } from '../../core/options';
import type { SubjectKind } from '../../core/stack-events';

/** What a workflow can be started by. */
export const eventChoices: Array<INodePropertyOptions & { value: SubjectKind }> = [
	{
		name: 'Breaker Changes State',
		value: 'circuit-breaker',
		description: 'A circuit breaker opens, closes or is isolated',
	},
	{
		name: 'Bulkhead Saturates',
		value: 'bulkhead',
		description: 'All slots are held, and calls wait for one or are turned away',
	},
	{
		name: 'Executions Are Lost',
		value: 'execution',
		description:
			'Some never reached a worker, died with one, or hang, and n8n does not know. Needs the database.',
	},
	{
		name: 'Source Is Lost',
		value: 'source',
		description: 'Redis, the database or what else is asked does not answer any more',
	},
	{
		name: 'Worker Turns Zombie',
		value: 'worker',
		description: 'A worker lives and takes no jobs any more. Needs the Redis of the queue.',
	},
];

export const triggerOptions = z.strictObject({
	intervalMs: duration(1_000, 10_000, {
		title: 'Interval',
		description:
			'How long after one look the next one follows. Workers are judged by several looks, at most 20 s apart',
	}),
	whenOver: toggle(false, {
		title: 'Also When It Is Over',
		description:
			'Whether to start the workflow also when a bulkhead is relieved, a worker has recovered, an execution is settled or a source is back. A breaker that closes starts it in any case',
	}),
	tellHalfOpen: toggle(false, {
		title: 'Half-Open Breakers',
		description:
			'Whether a breaker that begins to probe has changed its state. Off: half-open counts as open',
	}),
});

/** Longest interval by which workers can be judged, in ms. */
export const LONGEST_WORKER_INTERVAL_MS = 20_000;

export type TriggerOptions = z.output<typeof triggerOptions>;
