import path from 'node:path';

import { cronTimes } from '../adapters/cron';
import { FilePlanStore } from '../adapters/files';
import { openStackSources, type StackSettings } from '../adapters/n8n';
import { RedisStores, redisSettingsOf } from '../adapters/redis';
import { createPermitIds, newUuid, sha256, systemClock } from '../adapters/system';
import type { PlanStore, SharedPolicies } from '../core/ports';
import { ChangePlanner } from '../core/change-plans';
import {
	ConfigurationCheck,
	LastChecks,
	StackHealth,
	StackMonitor,
	WorkerCensus,
} from '../core/health';
import { healWorker, LostSurvey, recoverExecutions, type WatchLease } from '../core/recovery';
import { overridePolicy } from '../core/policy-control';
import type { FullConfig } from './config/read-config';
import { openRecovery } from './open-recovery';
import { Secret } from './config/secret';
import type { Services } from './services';

/** Services, and how to end them. */
export interface OpenServices {
	readonly services: Services;
	readonly plans: PlanStore;
	readonly watchLease: WatchLease;
	close(): Promise<void>;
}

/** Puts together what tools work with. Connects to nothing before it is asked for. */
export function openServices(config: FullConfig): OpenServices {
	const stores = openStores(config);
	const policies = stores && sharedPoliciesOf(stores);
	const stack = openStackSources(stackSettingsOf(config), systemClock);
	// Replicas on several machines have no folder in common.
	const plans =
		stores?.plans ?? new FilePlanStore(path.join(config.stateFolder, 'plans'), systemClock);
	const census = new WorkerCensus();
	const monitor = new StackMonitor(stack.sources, systemClock, census);
	const configuration = new ConfigurationCheck(stack.sources, config.n8nSettings, systemClock);
	const opened = openRecovery(config, stack.sources, stores, census);
	const { recovery } = opened;
	const lost = new LostSurvey(recovery.ledger, systemClock);
	const judged = { monitor, policies, configuration, lost };
	const health = new StackHealth(judged, config.thresholds, systemClock);
	const healing = { sources: stack.sources, clock: systemClock, monitor };
	const planner = new ChangePlanner({
		store: plans,
		clock: systemClock,
		newId: newUuid,
		sha256,
		kinds: [
			...(policies ? [overridePolicy(policies)] : []),
			recoverExecutions(recovery),
			healWorker(healing),
		],
	});
	return {
		services: {
			policies,
			stack: stack.sources,
			monitor,
			recovery,
			health,
			lastChecks: new LastChecks(),
			planner,
			clock: systemClock,
			cronTimes: cronTimes(),
			sha256,
			newId: newUuid,
			n8nSettings: config.n8nSettings,
		},
		plans,
		watchLease: opened.watchLease,
		close: async () => {
			await lost.close();
			stores?.close();
			opened.close();
			await stack.close();
		},
	};
}

function openStores(config: FullConfig): RedisStores | undefined {
	const { redis = config.redis, prefix } = config.policies;
	if (!redis) return undefined;
	const group = config.policies.redis ? 'policies.redis' : 'redis';
	const settings = redisSettingsOf(revealed({ ...redis, prefix }), (field) =>
		field === 'prefix' ? 'policies.prefix' : `${group}.${field}`,
	);
	return new RedisStores(settings, { clock: systemClock, newId: createPermitIds() });
}

const sharedPoliciesOf = ({ policies, registry, policyKeys }: RedisStores): SharedPolicies => ({
	store: policies,
	registry,
	keys: policyKeys,
});

function stackSettingsOf(config: FullConfig): StackSettings {
	const { redis, queue, database, n8n, workers, assumed } = config;
	return {
		redis: redis && redisSettingsOf(revealed(redis), (field) => `redis.${field}`),
		executionsMode: n8n.executionsMode,
		queue,
		database: database && (revealed(database) as StackSettings['database']),
		n8n: { ...n8n, apiKey: n8n.apiKey?.reveal(), isAssumed: assumed.mainUrl },
		workerHealthUrls: workers.map(({ healthUrl }) => healthUrl),
		healthEndpoint: n8n.healthEndpoint,
	};
}

const revealed = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
	Object.fromEntries(
		Object.entries(fields).map(([name, value]) => [
			name,
			value instanceof Secret ? value.reveal() : value,
		]),
	);
