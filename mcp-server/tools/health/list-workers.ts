import { z } from 'zod';

import {
	count,
	duration,
	PROCESS_STATES,
	tellUnknown,
	tellWorker,
	WORKER_STATES,
	type WorkerVerdict,
} from '../../../core/health';
import { isoTime } from '../../../core/iso-time';
import type { Services } from '../../services';
import { defineTool } from '../../tool';
import { cursor, Pages } from '../pages';
import { time } from '../time';
import { ago, evidence, unknown, unknownLines } from './health-schemas';

/** Sources without which workers are not judged well. */
const NEEDED: ReadonlySet<string> = new Set(['instance registry', 'workers', 'redis', 'queue']);

const pages = new Pages('workers', /^.{1,500}$/s);

export const listWorkers = defineTool({
	name: 'list_workers',
	title: 'List workers',
	description:
		'Lists the workers of n8n: what each is at, its load, when it last took a job, and a verdict with its evidence: idle, working, saturated, zombie (lives, and takes no jobs), vanished and so on. A worker is judged by several looks: one that has just gone wrong is "unknown" for some seconds; ask again then.',
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({
		state: z.enum(WORKER_STATES).optional().describe('Only workers in this state.'),
		cursor,
		limit: z.int().min(1).max(100).default(50).describe('Most workers a page.'),
	}),
	output: z.object({
		at: time,
		workers: z.array(
			z.object({
				id: z.string(),
				hostId: z.string(),
				pool: z.string(),
				version: z.string(),
				state: z.enum(WORKER_STATES),
				since: time,
				process: z.enum(PROCESS_STATES),
				running: z.int().optional().describe('Executions that it says it runs.'),
				slotsSeen: z
					.int()
					.describe('At least so many it can run at once; n8n does not tell how many.'),
				lastTookAt: time.optional().describe('By its own clock.'),
				answeredAt: time.optional(),
				uptimeMs: z.int().optional(),
				residentBytes: z.int().optional(),
				memoryLimitBytes: z.int().optional(),
				loadAverage: z.number().optional().describe('Of its machine, over one minute.'),
				evidence: z.array(evidence),
			}),
		),
		total: z.int(),
		nextCursor: z.string().optional(),
		unknowns: z.array(unknown),
	}),

	async run({ state, cursor: given, limit }, { holdsSecret }, { health: stack }: Services) {
		const after = pages.after(given);
		const { observation, health } = await stack.check();
		const chosen = observation.workers.filter((one) => state === undefined || one.state === state);
		const left = chosen.filter(({ id }) => after === undefined || id > after);
		// A page that would end at an id with a secret goes on behind it: a cursor tells where its page ends.
		const end = left.findIndex(({ id }, index) => index + 1 >= limit && !holdsSecret(id)) + 1;
		const page = left.slice(0, end || left.length);
		const unknowns = health.unknowns.filter(({ source }) => NEEDED.has(source));
		return {
			output: {
				at: isoTime(health.at),
				workers: page.map(tellWorker),
				total: chosen.length,
				...(left.length > page.length && { nextCursor: pages.next(page.at(-1)!.id) }),
				unknowns: unknowns.map(tellUnknown),
			},
			text: [
				summaryOf(observation.workers),
				...page.map((worker) => lineOf(worker, health.at)),
				...unknownLines(unknowns),
			],
		};
	},
});

function summaryOf(workers: readonly WorkerVerdict[]): string {
	if (workers.length === 0) return 'No worker is known.';
	const states = WORKER_STATES.map((state) => ({
		state,
		number: workers.filter((one) => one.state === state).length,
	})).filter(({ number }) => number > 0);
	const each = states.map(({ state, number }) => `${number} ${state}`).join(', ');
	return `${count(workers.length, 'worker')}: ${each}.`;
}

function lineOf(worker: WorkerVerdict, now: number): string {
	const { id, state, since, running, slotsSeen, lastTookAt } = worker;
	const runs = running ? `, runs ${running.length} of at least ${slotsSeen}` : '';
	const took = lastTookAt === undefined ? '' : `, took its last job ${ago(now, lastTookAt)}`;
	const why = state === 'idle' || state === 'working' ? '' : reasonOf(worker);
	return `- ${id}: ${state} for ${duration(Math.max(0, now - since))}${runs}${took}${why}`;
}

const reasonOf = ({ evidence: told }: WorkerVerdict): string =>
	`. ${told.map(({ source, says }) => `${source}: ${says}`).join('; ')}`;
