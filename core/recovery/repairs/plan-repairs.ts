import { isKept } from '../../health';
import type { Clock, RecoveryRecord, RecoveryRecords } from '../../ports';
import type { ExecutedWorkflow } from '../../ports/stack';
import { modeOf, readFrom, valueOf, type Reading, type StackSources } from '../../stack';
import { inChunks } from '../in-chunks';
import type { ConfirmedLoss } from '../ledger';
import type { RecoverySettings } from '../recovery-settings';
import { repairOf, type Repair, type RepairFacts } from './repair';
import { saidByOwner, saidByStep, type RunAgain } from './run-again';

/** What may be assumed and done beyond what is certain. */
export type RepairChoices = Pick<RepairFacts, 'silentWorkers' | 'unsafe' | 'unseenRetries'>;

/** A lost execution, and what is to be done about it. */
export interface PlannedRepair {
	readonly lost: ConfirmedLoss;
	readonly repair: Repair;
	/** What its workflow is called; undefined where that is not there any more. */
	readonly workflowName: Reading<string | undefined>;
	/** Its latest attempt, as it was when this was planned. */
	readonly record: RecoveryRecord | undefined;
}

/** What a repair goes by. */
export interface RecoveryParts {
	readonly sources: StackSources;
	readonly records: RecoveryRecords;
	readonly clock: Clock;
	readonly settings: RecoverySettings;
}

/** Says what is to be done about lost executions. Changes nothing. */
export async function planRepairs(
	{ sources, records, clock, settings }: RecoveryParts,
	lost: readonly ConfirmedLoss[],
	choices: RepairChoices,
): Promise<PlannedRepair[]> {
	if (lost.length === 0) return [];
	const { database } = sources;
	const workflowIds = [...new Set(lost.map(({ row }) => row.workflowId))];
	const [attempts, found, saved, server] = await Promise.all([
		latestAttempts(records, lost),
		readFrom('database', database?.workflows, async (view) => await view.find(workflowIds)),
		readFrom('database', database?.executions, (view) =>
			view.progressOf(lost.map(({ row }) => row.id)),
		),
		readFrom('database', database?.server, (view) => view.statistics()),
	]);
	const workflows = new Map((valueOf(found) ?? []).map((workflow) => [workflow.id, workflow]));
	const { runAgainTag } = settings;
	const byOwner = new Map(
		workflowIds.map((id) => {
			const workflow = found.isKnown ? { ...found, value: workflows.get(id) } : found;
			return [id, saidByOwner(workflow, runAgainTag)];
		}),
	);
	const byStep = (id: string, executed: Reading<ExecutedWorkflow | undefined>): RunAgain =>
		saidByStep(executed, valueOf(saved)?.known.get(id), runAgainTag);
	// What they run is large, and needed only where its owner has not said it.
	const unsaid = lost.filter(({ row }) => !byOwner.get(row.workflowId)).map(({ row }) => row.id);
	const bySteps = await saidBySteps(sources, unsaid, byStep);
	return lost.map((loss) => {
		const { id, workflowId, retryOf } = loss.row;
		const progress = valueOf(saved)?.known.get(id);
		const workflow = workflows.get(workflowId);
		const record = attempts.get(id);
		const facts: RepairFacts = {
			...choices,
			record,
			broughtBackOf: wasRetriedAs(id, retryOf, attempts) ? retryOf : undefined,
			runAgain: byOwner.get(workflowId) ?? bySteps(id),
			areSuccessesKept: isKept(
				workflow?.settings.saveDataSuccessExecution,
				settings.keepsSuccesses,
			),
			progress,
			unreadBecause: saved.isKnown ? saved.value.unread.get(id) : saved.why,
			mode: modeOf(sources),
			isReplica: valueOf(server)?.isReplica ?? false,
			canRetry: sources.api?.hasKey ?? false,
			now: clock.now(),
		};
		const repair = repairOf(loss, facts, settings);
		const workflowName = found.isKnown ? { ...found, value: workflow?.name } : found;
		return { lost: loss, repair, workflowName, record };
	});
}

/** Of what one execution runs, where others are read. */
const NOT_READ = {
	isKnown: false,
	source: 'database',
	remedy: 'Restore it from a backup',
} as const;

/** Of what executions run nothing is kept but what it says, however many they are. */
async function saidBySteps(
	{ database }: StackSources,
	ids: readonly string[],
	say: (id: string, executed: Reading<ExecutedWorkflow | undefined>) => RunAgain,
): Promise<(id: string) => RunAgain> {
	const said = new Map<string, RunAgain>();
	const read = await readFrom('database', database?.executions, async (view) => {
		for await (const { known, unread } of view.executedWorkflows(ids)) {
			for (const [id, value] of known) said.set(id, say(id, { isKnown: true, value }));
			for (const [id, why] of unread) said.set(id, say(id, { ...NOT_READ, why }));
		}
		return undefined;
	});
	return (id) => said.get(id) ?? say(id, read);
}

/** Also of those that these try again. */
async function latestAttempts(
	records: RecoveryRecords,
	lost: readonly ConfirmedLoss[],
): Promise<ReadonlyMap<string, RecoveryRecord>> {
	const ids = lost.flatMap(({ row }) => [row.id, ...(row.retryOf ? [row.retryOf] : [])]);
	const attempts = new Map<string, RecoveryRecord>();
	for (const some of inChunks(ids))
		for (const [id, record] of await records.latest(some)) attempts.set(id, record);
	return attempts;
}

/** Also where n8n's answer was lost, which said what it is retried as. */
function wasRetriedAs(
	id: string,
	retryOf: string | undefined,
	attempts: ReadonlyMap<string, RecoveryRecord>,
): boolean {
	const origin = retryOf === undefined ? undefined : attempts.get(retryOf);
	return origin?.step === 'retried' && (origin.retriedAs ?? id) === id;
}
