import { z } from 'zod';

import {
	AUDIT_VERDICTS,
	auditSchedules,
	MOST_TIMES_TOLD,
	tellAudit,
	type WorkflowAudit,
} from '../../../core/health';
import { isoTime } from '../../../core/iso-time';
import { quoted } from '../../../core/one-line';
import { databaseOf, type Services } from '../../services';
import { defineTool } from '../../tool';
import { cursor, Pages } from '../pages';
import { time } from '../time';

const MINUTE_MS = 60_000;

const pages = new Pages('schedules', /^.{1,200}$/s);

export const auditSchedulesTool = defineTool({
	name: 'audit_schedules',
	title: 'Audit schedules',
	description:
		'Compares when the schedules of active workflows (Schedule Trigger, Cron) must have fired with when they did: finds fires that were missed, that came twice, and that came late. Says where it cannot tell, and why; it never calls missed what it cannot know.',
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({
		windowMinutes: z
			.int()
			.min(5)
			.max(44_640)
			.default(1_440)
			.describe('How far back. A workflow is audited back to when it was changed or published.'),
		lateAfterSeconds: z
			.int()
			.min(5)
			.max(3_600)
			.default(60)
			.describe('A fire that comes more than that after its time is late.'),
		cursor,
		limit: z.int().min(1).max(100).default(25).describe('Most workflows a page.'),
	}),
	output: z.object({
		workflows: z.array(
			z.object({
				workflowId: z.string(),
				name: z.string(),
				triggers: z.array(z.string()),
				timezone: z.string(),
				from: time,
				to: time,
				verdict: z.enum(AUDIT_VERDICTS),
				expected: z.int().describe('How often it must have fired.'),
				fired: z.int().describe('How many of these times it did.'),
				missedCount: z.int(),
				missed: z.array(time).describe(`The last ${MOST_TIMES_TOLD}.`),
				doubledCount: z.int(),
				doubled: z.array(z.object({ at: time, times: z.int() })),
				lateCount: z.int(),
				late: z.array(z.object({ at: time, lateMs: z.number() })),
				cannotTell: z.array(z.string()).describe('Why nothing is known of it.'),
			}),
		),
		nextCursor: z.string().optional(),
	}),

	async run(
		{ windowMinutes, lateAfterSeconds, cursor: given, limit },
		{ signal },
		services: Services,
	) {
		const after = pages.after(given);
		const { cronTimes: times, sha256, n8nSettings, monitor } = services;
		const { audits, next } = await auditSchedules(
			databaseOf(services),
			n8nSettings,
			// What is due by our clock alone may still come.
			{ now: await monitor.mainTime(), times, sha256 },
			{
				windowMs: windowMinutes * MINUTE_MS,
				lateAfterMs: lateAfterSeconds * 1_000,
				limit,
				after,
				signal,
			},
		);
		services.lastChecks.noteAudits(audits);
		return {
			output: { workflows: audits.map(tellAudit), nextCursor: pages.next(next) },
			text: textOf(audits),
		};
	},
});

function textOf(audits: readonly WorkflowAudit[]): string[] {
	const counts = AUDIT_VERDICTS.map((wanted) => ({
		wanted,
		count: audits.filter((audit) => audit.verdict === wanted).length,
	}))
		.filter(({ count }) => count > 0)
		.map(({ wanted, count }) => `${count} ${wanted}`);
	const summary =
		audits.length === 0
			? 'No active workflow here has a schedule'
			: `${audits.length === 1 ? '1 workflow with a schedule' : `${audits.length} workflows with schedules`}: ${counts.join(', ')}`;
	const bad = audits.filter((audit) => !['as expected', 'nothing due'].includes(audit.verdict));
	return [`${summary}.`, ...bad.map(lineOf)];
}

function lineOf({
	name,
	workflowId,
	verdict: found,
	fires,
	expected,
	cannotTell,
	to,
}: WorkflowAudit) {
	const { missed, doubled, late } = fires;
	const said = [
		...(missed.length > 0
			? [`missed ${missed.length} of ${expected}, the last at ${isoTime(missed.at(-1)!)}`]
			: []),
		...(doubled.length > 0
			? [`fired ${doubled.length} times more than once, the last at ${isoTime(doubled.at(-1)!.at)}`]
			: []),
		...(late.length > 0
			? [`late ${late.length} times, the last at ${isoTime(late.at(-1)!.at)}`]
			: []),
		...cannotTell,
	];
	return `- ${quoted(name)} (${workflowId}), ${found}: ${said.join('; ')}, until ${isoTime(to)}`;
}
