import { version } from 'cron/package.json';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

import { cronTimes } from '../../adapters/cron';
import { realN8n } from './real-n8n';

/** A Schedule Trigger as a user left it. */
export interface ScheduledNode {
	readonly id: string;
	readonly typeVersion: number;
	readonly parameters: Readonly<Record<string, unknown>>;
}

/** When n8n runs a schedule, ms since the epoch. */
export interface ScheduleRun {
	/** When the node is asked whether to fire. */
	readonly asked: readonly number[];
	/** When it fires, if n8n runs and asks it at these of the times. */
	firesWhenAsked(times: readonly number[]): Promise<number[]>;
}

/** Runs the schedule of a workflow from when it is published. */
export type RunSchedule = (
	workflowId: string,
	node: ScheduledNode,
	timezone: string,
	span: { readonly from: number; readonly to: number },
) => Promise<ScheduleRun>;

/** More times than any schedule here has. */
const MOST_TIMES = 10_000;

/**
 * The Schedule Trigger of the installed n8n, with the defaults that n8n gives a node, by jest's clock. When its cron
 * jobs are due is asked of our adapter, whose own test compares it with the library that n8n uses.
 */
export async function realScheduleTrigger(): Promise<RunSchedule> {
	const ofN8n = createRequire((await realN8n()).script);
	const { ScheduleTrigger } = ofN8n('n8n-nodes-base/dist/nodes/Schedule/ScheduleTrigger.node.js');
	const { Workflow } = ofN8n('n8n-workflow');
	const ofCore = createRequire(ofN8n.resolve('n8n-core'));
	assert.equal(version, ofCore('cron/package.json').version);
	const times = cronTimes();
	const type = new ScheduleTrigger();
	const nodeTypes = { getByNameAndVersion: () => type, getKnownTypes: () => ({}) };

	/** What the node registers with n8n, and what it makes known. */
	async function start(workflowId: string, node: ScheduledNode, timezone: string) {
		const stored = { ...node, name: 'Schedule', type: 'schedule', position: [0, 0] };
		const settings = { nodes: [stored], connections: {}, active: true, nodeTypes };
		const full = new Workflow(settings).getNode('Schedule');
		const remembered = {};
		const fires: number[] = [];
		const keys = new Set<string>();
		const crons: Array<{ expression: string; onTick: (at: Date) => void }> = [];
		await type.trigger.call({
			getNode: () => full,
			getNodeParameter: (name: string) => full.parameters[name],
			getTimezone: () => timezone,
			getWorkflowStaticData: () => remembered,
			getWorkflow: () => ({ id: workflowId }),
			getMode: () => 'trigger',
			emit(...[, , , deduplicationKey]: string[]) {
				// n8n begins no second execution with the key of another.
				if (keys.has(deduplicationKey!)) return;
				keys.add(deduplicationKey!);
				fires.push(Date.now());
			},
			helpers: {
				returnJsonArray: (items: unknown) => items,
				registerCron: ({ expression }: { expression: string }, onTick: (at: Date) => void) =>
					crons.push({ expression, onTick }),
			},
		});
		return { fires, crons };
	}

	return async (workflowId, node, timezone, { from, to }) => {
		const { crons } = await start(workflowId, node, timezone);
		const ticks = crons
			.flatMap(({ expression }, cron) =>
				times
					.within(expression, timezone, { from: from + 1, to }, MOST_TIMES)
					.map((at) => ({ at, cron })),
			)
			.sort((one, other) => one.at - other.at);
		return {
			asked: [...new Set(ticks.map(({ at }) => at))],
			async firesWhenAsked(times) {
				const wanted = new Set(times);
				const { crons: fresh, fires } = await start(workflowId, node, timezone);
				jest.useFakeTimers({ now: from });
				try {
					for (const { at, cron } of ticks.filter((tick) => wanted.has(tick.at))) {
						jest.setSystemTime(at);
						fresh[cron]!.onTick(new Date(at));
					}
				} finally {
					jest.useRealTimers();
				}
				return fires;
			},
		};
	};
}
