import { z } from 'zod';

import {
	count,
	duration,
	rate,
	tellQueue,
	tellUnknown,
	type QueueOutlook,
} from '../../../core/health';
import { isoTime } from '../../../core/iso-time';
import type { Services } from '../../services';
import { defineTool } from '../../tool';
import { time } from '../time';
import { unknown, unknownLines } from './health-schemas';

const NEEDED: ReadonlySet<string> = new Set(['queue', 'database']);

export const getQueue = defineTool({
	name: 'get_queue',
	title: 'Get the queue',
	description:
		"Shows n8n's queue of executions, for each worker pool: how many wait and for how long, how fast jobs arrive and are taken, and when it will be empty if that goes on. Rates are taken from two looks: ask again after some seconds where they are missing.",
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({}),
	output: z.object({
		at: time,
		queues: z.array(
			z.object({
				pool: z.string().describe('Empty for the default pool.'),
				waiting: z.int(),
				active: z.int(),
				delayed: z.int(),
				failed: z.int().describe('Kept after they failed.'),
				isPaused: z.boolean(),
				oldestWaitingMs: z.number().optional(),
				arrivalsPerSecond: z.number().optional(),
				drainPerSecond: z.number().optional().describe('Taken by workers.'),
				measuredOverMs: z.number().optional(),
				measuredBy: z.enum(['queue', 'database']).optional(),
				forecast: z.enum(['empty', 'empties', 'grows', 'stands', 'not known']),
				emptyInMs: z.number().optional(),
				growsPerSecond: z.number().optional(),
			}),
		),
		executions: z
			.object({ new: z.int(), running: z.int(), waiting: z.int() })
			.optional()
			.describe("Unfinished ones in n8n's database."),
		unknowns: z.array(unknown),
	}),

	async run(_input, _call, { health: stack }: Services) {
		const { observation, health } = await stack.check();
		const { look, queues } = observation;
		const unknowns = health.unknowns.filter(({ source }) => NEEDED.has(source));
		return {
			output: {
				at: isoTime(health.at),
				queues: queues.map(tellQueue),
				...(look.unfinished.isKnown && { executions: { ...look.unfinished.value } }),
				unknowns: unknowns.map(tellUnknown),
			},
			text: [
				...(look.counts.isKnown ? queues.map(lineOf) : ['The queue is not known.']),
				...unknownLines(unknowns),
			],
		};
	},
});

function lineOf(queue: QueueOutlook): string {
	const { pool, waiting, active, oldestWaitingMs, arrivals, drain } = queue;
	const name = pool === '' ? '' : `Pool ${pool}: `;
	const oldest =
		oldestWaitingMs === undefined ? '' : `, the oldest for ${duration(oldestWaitingMs)}`;
	const flow =
		arrivals === undefined ? '' : ` ${rate(arrivals)} arrive and ${rate(drain!)} are taken.`;
	return `${name}${count(waiting, 'job waits', 'jobs wait')}${oldest}; ${active} active. ${forecastWords(queue)}${flow}`;
}

function forecastWords({ forecast, isPaused }: QueueOutlook): string {
	if (isPaused) return 'It is paused.';
	switch (forecast.kind) {
		case 'empty':
			return 'Nothing waits.';
		case 'empties':
			return `It will be empty in ${duration(forecast.inMs)} if that goes on.`;
		case 'grows':
			return `It grows by ${rate(forecast.bySecond)}.`;
		case 'stands':
			return 'It stands still: no job is taken.';
		case 'not known':
			return `When it will be empty is not known: ${forecast.why}.`;
	}
}
