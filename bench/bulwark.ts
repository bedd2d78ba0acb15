/** What is measured: bundled as the nodes' runtime is, so that it runs in the form that users get. */
export { MemoryPolicyStore } from '../adapters/memory';
export { RedisConnection, RedisStores } from '../adapters/redis';
export { createPermitIds, systemClock } from '../adapters/system';
export { LeasingPolicyStore } from '../core/local-leases';
export { LeaseKeeper, Pipeline } from '../core/pipeline';
export { definePolicy, guard } from '../core/policies/define';
export { parseOptions } from '../core/options';
export { retryOptions } from '../core/policies/retry';
