export { hammer, sharedNow } from './hammer';
export { leasedCalls, type LeasedCall } from './leased-calls';
export { LeasesInUse } from './leases-in-use';
export type { HammerPlan, WorkerSettings } from './messages';
export { bundleWorker, StoreWorker } from './store-worker';
export { useStoreWorkers } from './use-store-workers';
