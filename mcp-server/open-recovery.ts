import path from 'node:path';

import { FileRecoveryRecords } from '../adapters/files';
import type { RedisStores } from '../adapters/redis';
import { createPermitIds, newUuid, systemClock } from '../adapters/system';
import type { Run } from '../core/ports';
import { ExecutionLedger, RECOVERY_DEFAULTS, type RepairCrewParts } from '../core/recovery';
import type { StackSources } from '../core/stack';
import type { FullConfig } from './config/read-config';

/** What recovery works with, and how to end it. */
export interface OpenRecovery {
	readonly recovery: RepairCrewParts;
	/** Takes or keeps the watch for so long, in ms; false while another replica has it. */
	readonly holdWatch: (leaseMs: number) => Promise<boolean>;
	close(): void;
}

/** Puts together what recovery works with. Replicas share its records: in Redis, or in a file of their machine. */
export function openRecovery(
	{ recovery, stateFolder }: Pick<FullConfig, 'recovery' | 'stateFolder'>,
	sources: StackSources,
	stores: RedisStores | undefined,
): OpenRecovery {
	const { runAgainTag, maxAttempts, hangsAfterMinutes } = recovery;
	const settings = {
		...RECOVERY_DEFAULTS,
		runAgainTag,
		maxAttempts,
		hangsAfterMs: hangsAfterMinutes * 60_000,
	};
	const file = new FileRecoveryRecords(path.join(stateFolder, 'recoveries.sqlite'), systemClock);
	return {
		recovery: {
			sources,
			settings,
			// Replicas on several machines have no file in common.
			records: stores?.recoveries ?? file,
			clock: systemClock,
			newId: newUuid,
			ledger: new ExecutionLedger(sources, systemClock, settings),
		},
		holdWatch: stores ? leaseOf(stores) : () => Promise.resolve(true),
		close: () => file.close(),
	};
}

function leaseOf({ runs }: RedisStores): OpenRecovery['holdWatch'] {
	const newId = createPermitIds();
	const work = { name: 'bulwark-mcp', key: 'watch', resultTtlMs: 1_000 } as const;
	let run: Run | undefined;
	return async (leaseMs) => {
		if (run && (await runs.extend(run, leaseMs)) === 'held') return true;
		const runId = newId();
		const ways = { whenRunning: 'reject', whenFailed: 'run-again' } as const;
		const answer = await runs.begin({ ...work, ...ways, runId, leaseMs });
		run = answer.status === 'started' ? answer.run : undefined;
		return run !== undefined;
	};
}
