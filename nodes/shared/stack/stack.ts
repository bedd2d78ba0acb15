import { FilePlanStore } from '../../../adapters/files';
import { openStackSources } from '../../../adapters/n8n';
import { RedisStores } from '../../../adapters/redis';
import { createPermitIds, newUuid, sha256 } from '../../../adapters/system';
import { ChangePlanner } from '../../../core/change-plans';
import { overridePolicy, type SharedPolicies } from '../../../core/policy-control';
import type { Clock } from '../../../core/ports';
import type { StackSources } from '../../../core/stack';
import { policiesOfProcess, services } from '../services';
import { plansFolder } from './bulwark-folder';
import type { NodeStackSettings } from './stack-settings-of';

/** What nodes that look at the stack work with. */
export interface Stack {
	readonly policies: SharedPolicies;
	readonly sources: StackSources;
	readonly planner: ChangePlanner;
	readonly clock: Clock;
	close(): Promise<void>;
}

/** Puts together whom a node asks. Connects to nothing before something is asked. */
export function openStackOf({ policies, stack }: NodeStackSettings): Stack {
	const { clock } = services;
	const stores = policies && new RedisStores(policies, { clock, newId: createPermitIds() });
	const shared = stores ? sharedIn(stores) : policiesOfProcess;
	const open = openStackSources(stack, clock);
	const planner = new ChangePlanner({
		// What one worker plans, another may apply.
		store: stores?.plans ?? new FilePlanStore(plansFolder(), clock),
		clock,
		newId: newUuid,
		sha256,
		kinds: [overridePolicy(shared)],
	});
	return {
		policies: shared,
		sources: open.sources,
		planner,
		clock,
		close: async () => {
			stores?.close();
			await open.close();
		},
	};
}

const sharedIn = ({ policies, registry, policyKeys }: RedisStores): SharedPolicies => ({
	store: policies,
	registry,
	keys: policyKeys,
});
