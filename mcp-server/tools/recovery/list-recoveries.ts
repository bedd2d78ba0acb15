import { z } from 'zod';

import { isoTime } from '../../../core/iso-time';
import type { RecoveryRecord } from '../../../core/ports';
import { followRecoveries, tellRecovery } from '../../../core/recovery';
import type { Services } from '../../services';
import { defineTool } from '../../tool';
import { cursor, Pages } from '../pages';
import { time } from '../time';

const recovery = z.object({
	executionId: z.string(),
	workflowId: z.string(),
	attempt: z.int(),
	by: z.string(),
	at: time,
	updatedAt: time,
	loss: z.string().describe('What had become of the execution.'),
	evidence: z.array(z.object({ source: z.string(), says: z.string() })),
	action: z.string(),
	reason: z.string(),
	step: z
		.string()
		.describe('How far it has come: enqueued, retried, marked and given up are ends.'),
	jobId: z.string().optional(),
	retriedAs: z.string().optional().describe('Id of the execution that runs in its place.'),
	detail: z.string().optional(),
	endedAs: z.string().optional().describe('How the execution ended afterwards.'),
	endedAt: time.optional(),
});

const pages = new Pages('recoveries', /^\d{1,16}:[\w:-]{1,200}$/);

export const listRecoveries = defineTool({
	name: 'list_recoveries',
	title: 'List recoveries',
	description:
		'Lists which lost executions were brought back, by whom, when, on what evidence, how far each has come, and how the execution ended afterwards. Kept for 30 days.',
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({
		cursor,
		limit: z.int().min(1).max(200).default(50).describe('Most recoveries a page.'),
	}),
	output: z.object({
		recoveries: z.array(recovery).describe('The newest first.'),
		nextCursor: z.string().optional(),
	}),

	async run({ cursor: given, limit }, _call, { recovery: { records }, stack }: Services) {
		const after = pages.after(given);
		const page = await records.list(limit, after);
		const followed = await followRecoveries(records, stack, page.records);
		return {
			output: { recoveries: followed.map(tellRecovery), nextCursor: pages.next(page.next) },
			text:
				followed.length > 0
					? followed.map(lineOf)
					: after === undefined
						? 'No execution was brought back in the last 30 days.'
						: 'No more were brought back in the last 30 days.',
		};
	},
});

const lineOf = ({ executionId, loss, step, by, claimedAt, endedAs, detail }: RecoveryRecord) =>
	`- ${executionId}: ${loss}; ${step} by ${by.name} at ${isoTime(claimedAt)}${endedAs ? `, ended as ${endedAs}` : ''}${detail ? ` (${detail})` : ''}`;
