import path from 'node:path';

import { FileRecoveryRecords } from '../adapters/files';
import type { RedisStores } from '../adapters/redis';
import { createPermitIds, newUuid, systemClock } from '../adapters/system';
import type { WorkerCensus } from '../core/health';
import type { Run } from '../core/ports';
import {
	ExecutionLedger,
	RECOVERY_DEFAULTS,
	recoverySettingsIn,
	type RepairCrewParts,
	type WatchLease,
} from '../core/recovery';
import type { StackSources } from '../core/stack';
import type { FullConfig } from './config/read-config';

/** What recovery works with, and how to end it. */
export interface OpenRecovery {
	readonly recovery: RepairCrewParts;
	readonly watchLease: WatchLease;
	close(): void;
}

/** Puts together what recovery works with. Replicas share its records: in Redis, or in a file of their machine. */
export function openRecovery(
	{
		recovery,
		stateFolder,
		n8nSettings,
	}: Pick<FullConfig, 'recovery' | 'stateFolder' | 'n8nSettings'>,
	sources: StackSources,
	stores: RedisStores | undefined,
	census: WorkerCensus,
): OpenRecovery {
	const { runAgainTag, maxAttempts, hangsAfterMinutes } = recovery;
	const settings = {
		...RECOVERY_DEFAULTS,
		runAgainTag,
		maxAttempts,
		...recoverySettingsIn(n8nSettings),
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
			ledger: new ExecutionLedger(sources, systemClock, settings, census),
		},
		watchLease: stores ? sharedLease(stores) : UNSHARED,
		close: () => file.close(),
	};
}

/** Without a store that replicas share there is one. */
const UNSHARED: WatchLease = {
	hold: () => Promise.resolve(true),
	release: () => Promise.resolve(),
};

function sharedLease({ runs }: RedisStores): WatchLease {
	const newId = createPermitIds();
	const work = { name: 'bulwark-mcp', key: 'watch', resultTtlMs: 1_000 } as const;
	let run: Run | undefined;
	return {
		hold: async (leaseMs) => {
			if (run && (await runs.extend(run, leaseMs)) === 'held') return true;
			const runId = newId();
			const ways = { whenRunning: 'reject', whenFailed: 'run-again' } as const;
			const answer = await runs.begin({ ...work, ...ways, runId, leaseMs });
			run = answer.status === 'started' ? answer.run : undefined;
			return run !== undefined;
		},
		release: async () => {
			if (run) await runs.extend(run, 0);
			run = undefined;
		},
	};
}
