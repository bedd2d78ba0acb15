import { z } from 'zod';

import { count } from '../../../core/health';
import { tellLoss, type ConfirmedLoss } from '../../../core/recovery';
import { STACK_MODES } from '../../../core/stack';
import type { Services } from '../../services';
import { defineTool } from '../../tool';
import { cursor, Pages } from '../pages';
import { gap, gapLines, lostExecution } from './recovery-schemas';

const pages = new Pages('lost executions', /^\d{1,30}$/);

export const findLostExecutions = defineTool({
	name: 'find_lost_executions',
	title: 'Find lost executions',
	description:
		'Names executions that n8n has lost and does not know of: that never reached a worker, died with one, are run by a worker that lost its way to Redis, hang, wait past their time, or were marked crashed though they succeeded. Compares the database, the queue and the workers, twice within some seconds, and says what each finding goes by. Use plan_recovery to bring them back.',
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({
		cursor,
		limit: z.int().min(1).max(500).default(100).describe('Most executions a page.'),
	}),
	output: z.object({
		lost: z.array(lostExecution).describe('By id, the oldest first.'),
		nextCursor: z.string().optional(),
		total: z.int(),
		lookedAt: z.int().describe('How many executions were compared.'),
		mode: z.enum(STACK_MODES),
		gaps: z.array(gap).describe('What could not be asked, and what is therefore not known.'),
	}),

	async run({ cursor: given, limit }, { signal }, { recovery }: Services) {
		const after = pages.after(given);
		const { lost, gaps, lookedAt, mode } = await recovery.ledger.scan(signal);
		const left = after === undefined ? lost : lost.filter(({ row }) => isAfter(row.id, after));
		const page = left.slice(0, limit);
		const next = left.length > page.length ? page.at(-1)!.row.id : undefined;
		return {
			output: {
				lost: page.map(tellLoss),
				nextCursor: pages.next(next),
				total: lost.length,
				lookedAt,
				mode,
				gaps: [...gaps],
			},
			text: [summaryOf(lost, lookedAt), ...page.map(lineOf), ...gapLines(gaps)],
		};
	},
});

const isAfter = (id: string, other: string): boolean =>
	id.length === other.length ? id > other : id.length > other.length;

function summaryOf(lost: readonly ConfirmedLoss[], lookedAt: number): string {
	if (lost.length === 0) return `No execution is known to be lost, of ${lookedAt} looked at.`;
	const counts = Map.groupBy(lost, ({ loss }) => loss);
	const listed = [...counts].map(([loss, some]) => `${some.length} ${loss}`).join(', ');
	return `${count(lost.length, 'execution is', 'executions are')} lost: ${listed}.`;
}

const lineOf = ({ row, loss, evidence }: ConfirmedLoss): string =>
	`- ${row.id} (workflow ${row.workflowId}): ${loss}; ${evidence.map(({ source, says }) => `${source}: ${says}`).join('; ')}`;
