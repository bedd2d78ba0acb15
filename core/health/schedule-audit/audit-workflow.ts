import { quoted } from '../../one-line';
import type { CronTimes, Sha256 } from '../../ports';
import type { WorkflowNode, WorkflowRecord } from '../../ports/stack';
import { isKept } from '../kept-executions';
import { cronNodeRules } from './cron-node-rules';
import {
	boundedSpan,
	expectedFires,
	lookBackMs,
	type ExpectedFire,
	type Span,
} from './expected-fires';
import type { FireRule, FireRules } from './fire-rule';
import { localTime } from './local-time';
import { matchFires, type MatchedFires } from './match-fires';
import { scheduleTriggerRules } from './schedule-trigger-rules';
import type { AuditVerdict, WorkflowAudit } from './workflow-audit';

const SCHEDULE = 'n8n-nodes-base.scheduleTrigger';
const CRON = 'n8n-nodes-base.cron';
const INTERVAL = 'n8n-nodes-base.interval';
const SCHEDULES: ReadonlySet<string> = new Set([SCHEDULE, CRON, INTERVAL]);

/** Triggers whose executions are not begun by n8n itself. */
const CALLED =
	/\.(webhook|formTrigger|manualTrigger|executeWorkflowTrigger|errorTrigger|chatTrigger|mcpTrigger|respondToWebhook)$/i;

const NOTHING: MatchedFires = { fired: 0, late: [], missed: [], doubled: [] };

/** How an audit is made. */
export interface AuditOptions {
	readonly now: number;
	readonly windowMs: number;
	readonly lateAfterMs: number;
	/** Of workflows that have none of their own; undefined where it is not known. */
	readonly timezone: string | undefined;
	/** For how long rows are kept at least; undefined where it is not known, `Infinity` for ever. */
	readonly keptMs: number | undefined;
	/** Whether executions that succeed are kept; undefined where it is not known. */
	readonly keepsSuccesses: boolean | undefined;
	/** Whether executions that fail are kept; undefined where it is not known. */
	readonly keepsFailures: boolean | undefined;
	readonly times: CronTimes;
	readonly sha256: Sha256;
	/** When a workflow was begun by its own triggers since a time, ascending; no more than some. */
	readonly triggeredAt: (
		workflowId: string,
		since: number,
	) => Promise<{ readonly at: readonly number[]; readonly isWhole: boolean }>;
}

/** Whether a schedule is among the triggers of a workflow. */
export const hasSchedule = ({ nodes }: WorkflowRecord): boolean =>
	nodes.some(({ type, isDisabled }) => !isDisabled && SCHEDULES.has(type));

/** Compares when the schedules of a workflow must have fired with when they did. Never calls missed what it cannot know. */
export async function auditWorkflow(
	workflow: WorkflowRecord,
	options: AuditOptions,
): Promise<WorkflowAudit> {
	const schedules = workflow.nodes.filter(
		({ type, isDisabled }) => !isDisabled && SCHEDULES.has(type),
	);
	const timezone = timezoneOf(workflow, options.timezone);
	const { from, to } = spanOf(workflow, options);
	const audit = {
		workflowId: workflow.id,
		name: workflow.name,
		timezone: timezone ?? 'not known',
		triggers: schedules.map(({ name }) => name),
	};
	const because = whyNot(workflow, schedules, timezone, options);
	const read = schedules.map((node) => rulesOf(workflow.id, node, options.sha256));
	const unread = read.flatMap((rules) => (rules.isKnown ? [] : [rules.because]));
	for (const { expression } of read.flatMap((one) => (one.isKnown ? one.rules : []))) {
		const problem = options.times.problemOf(expression);
		if (problem) unread.push(`its cron expression ${quoted(expression)} is none: ${problem}`);
	}
	const nodes = read.flatMap((one) => (one.isKnown && one.rules.length > 0 ? [one.rules] : []));
	const rules = nodes.flat();
	if (rules.length > 1 && rules.some(({ recurrence }) => recurrence))
		unread.push(
			'it has several rules, of which one skips times by what n8n remembers of its last fire',
		);
	const unable = [...because, ...unread];
	if (timezone === undefined || unable.length > 0 || rules.length === 0 || from >= to)
		return {
			...{ ...audit, from, to, expected: 0, fires: NOTHING },
			verdict: unable.length > 0 ? 'cannot tell' : 'nothing due',
			cannotTell: unable,
		};
	return { ...audit, ...(await compare(workflow, nodes, timezone, { from, to }, options)) };
}

type Compared = Pick<
	WorkflowAudit,
	'from' | 'to' | 'verdict' | 'expected' | 'fires' | 'cannotTell'
>;

async function compare(
	workflow: WorkflowRecord,
	nodes: ReadonlyArray<readonly FireRule[]>,
	timezone: string,
	whole: Span,
	{ times, triggeredAt, lateAfterMs, keptMs, now }: AuditOptions,
): Promise<Compared> {
	const rules = nodes.flat();
	const spans = rules.map((rule) => boundedSpan(rule, timezone, whole, times));
	const from = Math.max(...spans.map((span) => span.from));
	const kept = Math.max(publishedAt(workflow), now - (keptMs ?? 0));
	const since = Math.max(kept, from - Math.max(...rules.map(lookBackMs)));
	const { at: actual, isWhole } = await triggeredAt(workflow.id, since);
	const known = { since, fires: actual };
	const to = isWhole ? whole.to : Math.min(whole.to, actual.at(-1)!);
	const expected = nodes
		.flatMap((own) =>
			once(own.map((rule) => expectedFires(rule, timezone, { from, to: now }, known, times))),
		)
		.sort((one, other) => one.at - other.at);
	const begun = actual.filter((at) => at >= from);
	const fires = matchFires(expected, begun, { lateAfterMs, until: to });
	const count = expected.filter(({ at }) => at <= to).length;
	return { from, to, expected: count, fires, verdict: verdictOf(count, fires), cannotTell: [] };
}

function verdictOf(expected: number, fires: MatchedFires): AuditVerdict {
	if (fires.missed.length > 0) return 'missed';
	if (fires.doubled.length > 0) return 'doubled';
	if (fires.late.length > 0) return 'late';
	return expected > 0 ? 'as expected' : 'nothing due';
}

function rulesOf(workflowId: string, node: WorkflowNode, sha256: Sha256): FireRules {
	switch (node.type) {
		case SCHEDULE:
			return scheduleTriggerRules(workflowId, node, sha256);
		case CRON:
			return cronNodeRules(node);
		default:
			return {
				isKnown: false,
				because: 'an Interval node counts from when n8n started, which leaves no trace',
			};
	}
}

function whyNot(
	workflow: WorkflowRecord,
	schedules: readonly WorkflowNode[],
	timezone: string | undefined,
	{ keepsSuccesses, keepsFailures, keptMs, timezone: ofN8n }: AuditOptions,
): readonly string[] {
	const others = workflow.nodes.filter(
		(node) => !node.isDisabled && isTrigger(node) && !schedules.includes(node),
	);
	const { saveDataSuccessExecution, saveDataErrorExecution } = workflow.settings;
	const successes = isKept(saveDataSuccessExecution, keepsSuccesses);
	const failures = isKept(saveDataErrorExecution, keepsFailures);
	return [
		...(timezone === undefined ? [noTimezone(workflow, ofN8n)] : []),
		...(others.length > 0
			? [`its trigger ${quoted(others[0]!.name)} begins executions that look the same`]
			: []),
		...whyNotKept('succeed', 'EXECUTIONS_DATA_SAVE_ON_SUCCESS', successes),
		...whyNotKept('fail', 'EXECUTIONS_DATA_SAVE_ON_ERROR', failures),
		...(keptMs === undefined
			? ['for how long executions are kept is not known (EXECUTIONS_DATA_MAX_AGE)']
			: []),
	];
}

function whyNotKept(end: string, setting: string, areKept: boolean | undefined): readonly string[] {
	if (areKept === undefined)
		return [`whether executions that ${end} are kept is not known (${setting})`];
	return areKept ? [] : [`its executions that ${end} are not kept`];
}

const isTrigger = ({ type }: WorkflowNode): boolean =>
	/trigger$|emailReadImap$/i.test(type) && !CALLED.test(type);

/** Back to when what runs was published: before that it was something else. */
function spanOf(
	workflow: WorkflowRecord,
	{ now, windowMs, lateAfterMs, keptMs }: AuditOptions,
): Span {
	const from = Math.max(now - windowMs, publishedAt(workflow), now - (keptMs ?? Infinity));
	// What is due just now may still come.
	return { from, to: Math.max(from, now - lateAfterMs) };
}

/** Publishing takes n8n some seconds. */
const PUBLISHING_MS = 30_000;

const publishedAt = ({ updatedAt, publishedAt: published }: WorkflowRecord): number =>
	Math.max(updatedAt, published ?? 0) + PUBLISHING_MS;

/** By which n8n is told to go, whether or not there is such a timezone. */
function namedTimezone({ settings }: WorkflowRecord, ofN8n: string | undefined) {
	const own = settings.timezone;
	return typeof own === 'string' && own !== '' && own !== 'DEFAULT' ? own : ofN8n;
}

function timezoneOf(workflow: WorkflowRecord, ofN8n: string | undefined) {
	const timezone = namedTimezone(workflow, ofN8n);
	if (timezone === undefined) return undefined;
	try {
		localTime(0, timezone);
		return timezone;
	} catch {
		return undefined;
	}
}

function noTimezone(workflow: WorkflowRecord, ofN8n: string | undefined): string {
	const named = namedTimezone(workflow, ofN8n);
	return named === undefined
		? "it has no timezone of its own, and n8n's (GENERIC_TIMEZONE) is not known"
		: `there is no timezone ${quoted(named)}, which its settings or GENERIC_TIMEZONE name`;
}

/** What is due at one time by several rules of a node n8n fires once. */
function once(lists: ReadonlyArray<readonly ExpectedFire[]>): readonly ExpectedFire[] {
	return [...new Map(lists.flat().map((fire) => [fire.at, fire])).values()];
}
