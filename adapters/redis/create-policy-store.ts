import { ClusterPolicyStore } from './cluster-policy-store';
import type { RedisTopology } from './connection/redis-settings';
import { RedisPolicyStore, type RedisPolicyStoreSettings } from './redis-policy-store';

/** Policy state in a Redis of any topology. */
export type SharedPolicyStore = RedisPolicyStore | ClusterPolicyStore;

/** The store for a topology: one call asks all guards of a call, or on a cluster all of them that lie together. */
export function createPolicyStore(
	{ type }: RedisTopology,
	settings: RedisPolicyStoreSettings,
): SharedPolicyStore {
	const isCluster = type === 'cluster';
	const store = new RedisPolicyStore({ ...settings, isCluster });
	return isCluster ? new ClusterPolicyStore(store, settings.keys) : store;
}
