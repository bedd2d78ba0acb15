import { z } from 'zod';

import {
	duration,
	HEALTH_STATUSES,
	SEVERITIES,
	type Finding,
	type Unknown,
} from '../../../core/health';
import { NOT_CONFIGURED } from '../../../core/stack';

export const evidence = z.object({ source: z.string(), says: z.string() });

export const finding = z.object({
	id: z.string().describe('What kind of finding it is.'),
	severity: z.enum(SEVERITIES),
	component: z.string(),
	subject: z.string().optional().describe('Which of several it is about.'),
	summary: z.string(),
	evidence: z.array(evidence),
	remedy: z.string(),
	playbook: z.string().optional().describe('Name of the prompt that says what to do.'),
});

export const status = z.enum(HEALTH_STATUSES);

export const unknown = z.object({
	source: z.string(),
	why: z.string(),
	remedy: z.string(),
	notKnown: z.array(z.string()),
});

/** A finding in one line, and what to do in another. */
export const findingLines = ({ severity, summary, remedy }: Finding): string[] => [
	`- ${severity}: ${summary}.`,
	`  ${remedy}.`,
];

/** What follows from sources that say nothing. Those of queue mode are in one line where it is not configured. */
export function unknownLines(unknowns: readonly Unknown[]): string[] {
	const isOfQueueMode = ({ source, why }: Unknown) =>
		OF_QUEUE_MODE.has(source) && why === NOT_CONFIGURED;
	const others = unknowns.filter((one) => !isOfQueueMode(one)).map(unknownLine);
	return unknowns.some(isOfQueueMode)
		? [
				'- the queue and its workers: no Redis is configured, so n8n is taken to be in regular mode, which has neither.',
				...others,
			]
		: others;
}

const OF_QUEUE_MODE: ReadonlySet<Unknown['source']> = new Set([
	...(['queue', 'redis', 'instance registry', 'workers'] as const),
]);

const unknownLine = ({ source, why, notKnown }: Unknown): string =>
	`- ${notKnown.join('; ')}: not known, because source "${source}" says nothing (${why}).`;

/** How long ago, in words. */
export const ago = (now: number, at: number): string => `${duration(Math.max(0, now - at))} ago`;
