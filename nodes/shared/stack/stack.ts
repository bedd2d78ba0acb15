import { cronTimes } from '../../../adapters/cron';
import { FilePlanStore, FileRecoveryRecords } from '../../../adapters/files';
import { openStackSources } from '../../../adapters/n8n';
import { RedisStores } from '../../../adapters/redis';
import { createPermitIds, newUuid, sha256 } from '../../../adapters/system';
import { ChangePlanner } from '../../../core/change-plans';
import {
	ConfigurationCheck,
	StackHealth,
	StackMonitor,
	WorkerCensus,
	thresholdsSchema,
} from '../../../core/health';
import { overridePolicy } from '../../../core/policy-control';
import type { Clock, CronTimes, Sha256, SharedPolicies } from '../../../core/ports';
import {
	ExecutionLedger,
	healWorker,
	LostSurvey,
	recoverExecutions,
	RECOVERY_DEFAULTS,
	recoverySettingsIn,
	type RepairCrewParts,
} from '../../../core/recovery';
import type { StackSources } from '../../../core/stack';
import { policiesOfProcess, services } from '../services';
import { plansFolder, recoveriesFile } from './bulwark-folder';
import { settingsOfProcess } from './settings-of-process';
import type { NodeStackSettings } from './stack-settings-of';

/** What nodes that look at the stack work with. */
export interface Stack {
	readonly policies: SharedPolicies;
	readonly sources: StackSources;
	/** Shared by all nodes that ask about this stack: it takes several looks to tell how a worker fares. */
	readonly monitor: StackMonitor;
	readonly health: StackHealth;
	readonly recovery: RepairCrewParts;
	readonly planner: ChangePlanner;
	readonly clock: Clock;
	readonly cronTimes: CronTimes;
	readonly sha256: Sha256;
	/** Makes ids that are unique for ever. */
	readonly newId: () => string;
	close(): Promise<void>;
}

/** Puts together whom a node asks. Connects to nothing before something is asked. */
export function openStackOf({ policies, stack }: NodeStackSettings): Stack {
	const { clock } = services;
	const stores = policies && new RedisStores(policies, { clock, newId: createPermitIds() });
	const shared = stores ? sharedIn(stores) : policiesOfProcess;
	const open = openStackSources(stack, clock);
	const { sources } = open;
	const census = new WorkerCensus();
	const monitor = new StackMonitor(sources, clock, census);
	const n8nSettings = settingsOfProcess();
	const configuration = new ConfigurationCheck(sources, n8nSettings, clock);
	const settings = { ...RECOVERY_DEFAULTS, ...recoverySettingsIn(n8nSettings) };
	const file = new FileRecoveryRecords(recoveriesFile(), clock);
	const recovery: RepairCrewParts = {
		sources,
		settings,
		// What one worker or the MCP server has brought back, another must know of.
		records: stores?.recoveries ?? file,
		clock,
		newId: newUuid,
		ledger: new ExecutionLedger(sources, clock, settings, census),
	};
	const lost = new LostSurvey(recovery.ledger, clock);
	const judged = { monitor, policies: shared, configuration, lost };
	const planner = new ChangePlanner({
		// What one worker plans, another may apply.
		store: stores?.plans ?? new FilePlanStore(plansFolder(), clock),
		clock,
		newId: newUuid,
		sha256,
		kinds: [
			overridePolicy(shared),
			recoverExecutions(recovery),
			healWorker({ sources, clock, monitor }),
		],
	});
	return {
		policies: shared,
		sources,
		monitor,
		health: new StackHealth(judged, thresholdsSchema.parse({}), clock),
		recovery,
		planner,
		clock,
		cronTimes: cronTimes(),
		sha256,
		newId: newUuid,
		close: async () => {
			await lost.close();
			stores?.close();
			file.close();
			await open.close();
		},
	};
}

const sharedIn = ({ policies, registry, policyKeys }: RedisStores): SharedPolicies => ({
	store: policies,
	registry,
	keys: policyKeys,
});
