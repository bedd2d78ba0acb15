import type { ChangeKind, ChangeReport, Outlook } from '../../change-plans';
import { quoted } from '../../one-line';
import type { PlannedStep } from '../../ports';
import { readFrom } from '../../stack';
import { findAll, fingerprintOf, type ConfirmedLoss, type Gap } from '../ledger';
import { planRepairs, type PlannedRepair, type RepairChoices } from './plan-repairs';
import { RepairCrew, type RepairCrewParts } from './repair-crew';

/** Which executions are to be brought back. */
export interface RecoverRequest extends RepairChoices {
	readonly executionIds: readonly string[];
	/** Where these are not all: how many there are. */
	readonly lostInAll?: number;
}

/** Ids that a summary holds of each sort. */
const MOST_NAMED = 20;

/** Name of the kind of change. */
export const RECOVER_EXECUTIONS = 'recover executions';

/** Brings lost executions back, or leaves them, each with the reason. */
export function recoverExecutions(parts: RepairCrewParts): ChangeKind<RecoverRequest> {
	const crew = new RepairCrew(parts);
	const plannedFor = new WeakMap<Outlook, readonly PlannedRepair[]>();
	return {
		name: RECOVER_EXECUTIONS,
		role: 'operator',
		effect: 'repairs',

		async foresee(request, signal) {
			const { executionIds, lostInAll } = request;
			// What is not known because nobody could look is known to the scan that has found none.
			const { lost, gaps } =
				executionIds.length === 0
					? { lost: [], gaps: (await parts.ledger.scan(signal)).gaps }
					: await parts.ledger.scanOf(executionIds, signal);
			const planned = await planRepairs(parts, lost, request);
			const others = await passedOver(parts, executionIds, lost);
			const outlook: Outlook = {
				summary: [summaryOf(planned, gaps, lostInAll), ...unread(planned), ...others].join('; '),
				steps: planned.map(stepOf),
				state: planned.map((one) => [fingerprintOf(one.lost), one.repair]),
			};
			plannedFor.set(outlook, planned);
			return outlook;
		},

		async apply(_request, outlook, signal, onProgress, by) {
			const planned = plannedFor.get(outlook) ?? [];
			const done = new Map<PlannedRepair, ChangeReport['steps'][number]>();
			await crew.carryOut(planned, by, signal, (one, { outcome, detail }) => {
				const step = stepOf(one);
				done.set(one, { ...step, outcome, detail });
				onProgress(done.size, planned.length, `${step.subject}: ${detail}`);
			});
			const steps = planned.map((one) => done.get(one)!);
			return { summary: resultOf(planned, steps), steps };
		},
	};
}

/** In words, which of the executions that were named are none that a plan is for. */
async function passedOver(
	{ sources }: RepairCrewParts,
	named: readonly string[],
	lost: readonly ConfirmedLoss[],
): Promise<readonly string[]> {
	const areLost = new Set(lost.map(({ row }) => row.id));
	const others = named.filter((id) => !areLost.has(id));
	if (others.length === 0) return [];
	const found = await readFrom('database', sources.database?.executions, async (view) =>
		findAll(view, others),
	);
	// The gaps of the plan say that nobody could look.
	if (!found.isKnown) return [];
	const known = new Set(found.value.rows.map(({ id }) => id));
	return [
		listed(
			'not known to be lost',
			others.filter((id) => known.has(id)),
		),
		listed(
			'no execution has this ID',
			others.filter((id) => !known.has(id)),
		),
	].flat();
}

function unread(planned: readonly PlannedRepair[]): readonly string[] {
	for (const { workflowName: name } of planned)
		if (!name.isKnown) return [`their workflows cannot be read: ${name.why}`];
	return [];
}

function listed(what: string, ids: readonly string[]): readonly string[] {
	if (ids.length === 0) return [];
	const more = ids.length > MOST_NAMED ? `, and ${ids.length - MOST_NAMED} more` : '';
	return [`${what}: ${ids.slice(0, MOST_NAMED).join(', ')}${more}`];
}

/** As people and plans are shown it. */
export function stepOf({ lost, repair, workflowName }: PlannedRepair): PlannedStep {
	const action = repair.action === 'mark' ? `mark as ${repair.as}` : repair.action;
	return {
		action,
		subject: `execution ${lost.row.id} of ${shownName(workflowName)}`,
		reason: `it ${shown(lost)}; ${repair.reason}`,
	};
}

function shownName(name: PlannedRepair['workflowName']): string {
	if (!name.isKnown) return 'a workflow that cannot be read';
	return name.value === undefined ? 'a workflow that is gone' : quoted(name.value);
}

const shown = ({ loss }: PlannedRepair['lost']): string =>
	loss === 'run by a zombie' || loss.startsWith('marked') ? `was ${loss}` : loss;

function summaryOf(
	planned: readonly PlannedRepair[],
	gaps: readonly Gap[],
	lostInAll = planned.length,
): string {
	const unknown = gaps.map(
		({ source, cannotKnow }) => `; not known without the ${source}: ${cannotKnow}`,
	);
	if (planned.length === 0) return `No execution is known to be lost${unknown.join('')}`;
	const { marked, left, broughtBack } = countsOf(planned);
	const kinds = [
		`${broughtBack} can be brought back`,
		...(marked > 0 ? [`${marked} would be marked as they ended`] : []),
		`${left} are left`,
	].join(', ');
	const areLost = `${lostInAll} ${lostInAll === 1 ? 'execution is' : 'executions are'} lost`;
	return lostInAll === planned.length
		? `${areLost}: ${kinds}`
		: `${areLost}; of ${planned.length} that this plan takes, ${kinds}; plan again for the others`;
}

function countsOf(planned: readonly PlannedRepair[]) {
	const count = (wanted: string) => planned.filter(({ repair }) => repair.action === wanted).length;
	const [marked, left] = [count('mark'), count('leave')];
	return { marked, left, broughtBack: planned.length - marked - left };
}

/** Marking is no bringing back: an execution that is marked as crashed is given up. */
function resultOf(planned: readonly PlannedRepair[], steps: ChangeReport['steps']): string {
	const of = (outcome: string) => planned.filter((_, place) => steps[place]!.outcome === outcome);
	const { marked, broughtBack } = countsOf(of('done'));
	return [
		`${broughtBack} ${broughtBack === 1 ? 'execution' : 'executions'} brought back`,
		...(marked > 0 ? [`${marked} marked as they ended`] : []),
		`${of('left').length} left`,
		`${of('failed').length} failed`,
	].join(', ');
}
