import {
	recoverExecutions,
	RECOVERY_DEFAULTS,
	type RecoverRequest,
} from '../../../../core/recovery';
import { LostWorld } from '../../../support/lost-world';
import { MemoryRecoveryRecords } from '../../../support/memory-recovery-records';
import { actions, foresee, partsOf, replicaOf, settled, signal, TAG } from '../recovering';

describe('what has no job', () => {
	const MINUTE_MS = 60_000;

	/** What is planned for it a minute later, or so long. */
	const plannedFor = async (
		world: LostWorld,
		after: { readonly passMs?: number; readonly more?: Partial<RecoverRequest> } = {},
	): Promise<string[]> => {
		const replica = replicaOf(world, new MemoryRecoveryRecords());
		world.pass(after.passMs ?? MINUTE_MS);
		return actions(await foresee(world, replica, after.more));
	};

	it('may yet be given one by a process that hangs, and is left until that is over', async () => {
		const world = new LostWorld(2);
		world.isMainListed = true;
		world.beginRow();
		expect(await plannedFor(world)).toEqual(['leave']);
		const passMs = RECOVERY_DEFAULTS.unqueuedSettleMs;
		expect(await plannedFor(world, { passMs })).toEqual(['enqueue again']);
	});

	it('is brought back sooner where it may run twice, or somebody knows that nothing hangs', async () => {
		const tagged = new LostWorld(2);
		tagged.tags = [TAG];
		tagged.beginRow();
		expect(await plannedFor(tagged)).toEqual(['enqueue again']);
		const known = new LostWorld(2);
		known.beginRow();
		const more = { silentWorkers: 'are dead' } as const;
		expect(await plannedFor(known, { more })).toEqual(['enqueue again']);
	});

	it('is brought back sooner where it was seen to have had one', async () => {
		const world = new LostWorld(2);
		const id = world.begin();
		const parts = partsOf(world, new MemoryRecoveryRecords());
		await parts.ledger.glance();
		world.jobs.clear();
		world.pass(MINUTE_MS);
		const request = { executionIds: [id], silentWorkers: 'may live', unsafe: 'leave' } as const;
		const outlook = await settled(world, recoverExecutions(parts).foresee(request, signal));
		expect(actions(outlook)).toEqual(['enqueue again']);
	});
});
