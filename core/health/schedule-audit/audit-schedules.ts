import type { CronTimes, Sha256 } from '../../ports';
import type { StackSources } from '../../stack';
import type { N8nSettings } from '../config-lint';
import { keepsSuccesses } from '../kept-executions';
import { MOST_FIRES } from './expected-fires';
import { auditWorkflow, hasSchedule } from './audit-workflow';
import type { WorkflowAudit } from './workflow-audit';

const HOUR_MS = 3_600_000;
/** How many active workflows are looked through for schedules at once: each may hold megabytes. */
const WORKFLOWS_A_LOOK = 25;
/** Enough for a workflow that fires twice each time. */
const MOST_ROWS = 4 * MOST_FIRES;
/** So near to the most rows that n8n keeps, some may be gone. */
const NEARLY_ALL = 0.9;

export interface ScheduleAuditRequest {
	readonly windowMs: number;
	/** A fire that comes more than that after its time is late. */
	readonly lateAfterMs: number;
	/** Most workflows a page. */
	readonly limit: number;
	/** The id of the last workflow of the page before. */
	readonly after?: string;
	readonly signal?: AbortSignal;
}

export interface SchedulesPage {
	readonly audits: readonly WorkflowAudit[];
	readonly next: string | undefined;
}

/** What an audit goes by. */
export interface AuditTools {
	/** By the clock of the main process that fires schedules, and no later than that: ms since the epoch. */
	readonly now: number;
	readonly times: CronTimes;
	readonly sha256: Sha256;
}

/** Audits active workflows that have a schedule, by their ids, a page at a time. */
export async function auditSchedules(
	{ executions, workflows }: NonNullable<StackSources['database']>,
	settings: N8nSettings | undefined,
	{ now, times, sha256 }: AuditTools,
	{ windowMs, lateAfterMs, limit, after, signal }: ScheduleAuditRequest,
): Promise<SchedulesPage> {
	const options = {
		...{ now, windowMs, lateAfterMs, times, sha256 },
		timezone: settings?.value('GENERIC_TIMEZONE'),
		keptMs: await keptMs(),
		keepsSuccesses: keepsSuccesses(settings),
		keepsFailures: settings && settings.value('EXECUTIONS_DATA_SAVE_ON_ERROR') === 'all',
		triggeredAt: async (workflowId: string, since: number) => {
			const at = await executions.triggeredAt(workflowId, since, MOST_ROWS);
			return { at, isWhole: at.length < MOST_ROWS };
		},
	};
	const audits: WorkflowAudit[] = [];
	let last = after;
	for (;;) {
		const some = await workflows.active(WORKFLOWS_A_LOOK, last);
		for (const workflow of some) {
			signal?.throwIfAborted();
			if (audits.length === limit) return { audits, next: last };
			last = workflow.id;
			if (hasSchedule(workflow)) audits.push(await auditWorkflow(workflow, options));
		}
		if (some.length < WORKFLOWS_A_LOOK) return { audits, next: undefined };
	}

	async function keptMs(): Promise<number | undefined> {
		if (!settings) return undefined;
		if (!settings.value('EXECUTIONS_DATA_PRUNE')) return Infinity;
		const ageMs = settings.value('EXECUTIONS_DATA_MAX_AGE') * HOUR_MS;
		const most = settings.value('EXECUTIONS_DATA_PRUNE_MAX_COUNT');
		if (most <= 0) return ageMs;
		// n8n keeps the newest: of a time with fewer than it keeps, none is gone.
		for (let spanMs = Math.min(windowMs, ageMs); spanMs > HOUR_MS / 60; spanMs /= 2)
			if ((await executions.rates(spanMs, now)).created < NEARLY_ALL * most)
				return spanMs < windowMs ? spanMs : ageMs;
		return 0;
	}
}
