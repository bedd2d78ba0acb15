import { z } from 'zod';

import { LOSSES, type Gap } from '../../../core/recovery';
import { time } from '../time';

export const executionId = z
	.string()
	.regex(/^[\w-]{1,64}$/, 'As find_lost_executions and n8n show it')
	.describe('Id of an execution, as n8n shows it.');

export const gap = z.object({
	source: z.string(),
	why: z.string(),
	cannotKnow: z.string(),
});

export const lostExecution = z.object({
	executionId: z.string(),
	workflowId: z.string(),
	loss: z.enum(LOSSES).describe('What has become of it.'),
	isSurelyDead: z.boolean().describe('False where somebody may still be running it.'),
	status: z.string().describe("In n8n's table of executions."),
	mode: z.string(),
	createdAt: time,
	startedAt: time.optional(),
	waitTill: time.optional(),
	jobId: z.string().optional(),
	firstSeenAt: time.describe('When this server first found it so.'),
	evidence: z.array(z.object({ source: z.string(), says: z.string() })),
});

export const gapLines = (gaps: readonly Gap[]): string[] =>
	gaps.map(
		({ source, why, cannotKnow }) => `Not known, because of the ${source} (${why}): ${cannotKnow}.`,
	);
