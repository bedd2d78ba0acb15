import type { Principal } from '../../../core/access';
import type { ChangeReport, Outlook } from '../../../core/change-plans';
import {
	ExecutionLedger,
	recoverExecutions,
	RECOVERY_DEFAULTS,
	type LedgerReport,
	type RecoverRequest,
} from '../../../core/recovery';
import type { LostWorld } from '../../support/lost-world';
import type { MemoryRecoveryRecords } from '../../support/memory-recovery-records';

/** Whoever asks for repairs here. */
export const ALICE: Principal = { name: 'alice', role: 'operator', via: 'token' };

/** Of workflows that may be run again. */
export const TAG = RECOVERY_DEFAULTS.runAgainTag;

export const { signal } = new AbortController();

export const ledgerOf = (world: LostWorld) =>
	new ExecutionLedger(world.sources, world.clock, RECOVERY_DEFAULTS);

/** Looks every so often, as whoever keeps watch does. */
export async function watch(
	world: LostWorld,
	forMs: number,
	everyMs = 5_000,
	ledger = ledgerOf(world),
): Promise<LedgerReport> {
	let report = await ledger.glance();
	for (let passed = 0; passed < forMs; passed += everyMs) {
		world.pass(everyMs);
		report = await ledger.glance();
	}
	return report;
}

export const named = ({ lost }: LedgerReport) => lost.map(({ row, loss }) => [row.id, loss]);

/** Lets time go by until what is under way has ended. */
export async function settled<T>(world: LostWorld, work: Promise<T>): Promise<T> {
	let isOver = false;
	const over = work.finally(() => (isOver = true));
	over.catch(() => undefined);
	for (let turn = 0; turn < 200 && !isOver; turn++) await world.clock.run(1_000);
	return await over;
}

let claims = 0;

export function partsOf(world: LostWorld, records: MemoryRecoveryRecords) {
	const { sources, clock } = world;
	const ledger = ledgerOf(world);
	const newId = () => `${++claims}`;
	return { sources, clock, records, newId, ledger, settings: RECOVERY_DEFAULTS };
}

export const replicaOf = (world: LostWorld, records: MemoryRecoveryRecords) =>
	recoverExecutions(partsOf(world, records));

type Replica = ReturnType<typeof replicaOf>;

export const foresee = async (
	world: LostWorld,
	replica: Replica,
	more: Partial<RecoverRequest> = {},
) =>
	await settled(
		world,
		replica.foresee(
			{
				executionIds: [...world.rows.keys()],
				silentWorkers: 'may live',
				unsafe: 'leave',
				...more,
			},
			signal,
		),
	);

export const apply = async (
	world: LostWorld,
	replica: Replica,
	outlook: Outlook,
): Promise<ChangeReport> =>
	await settled(
		world,
		replica.apply(undefined as never, outlook, signal, () => undefined, ALICE),
	);

export const actions = ({ steps }: Pick<Outlook, 'steps'>) => steps.map(({ action }) => action);
export const outcomes = ({ steps }: ChangeReport) => steps.map(({ outcome }) => outcome);

/** One that ran on a worker that is dead. */
export function deadOne(world: LostWorld): string {
	const id = world.begin();
	world.take(0);
	world.pass(60_000);
	world.lose(0, 'dead');
	world.pass(30_000);
	return id;
}
