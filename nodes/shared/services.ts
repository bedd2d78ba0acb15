import { MemoryPolicyStore, MemoryResultCache } from '../../adapters/memory';
import { createPermitIds, systemClock } from '../../adapters/system';
import { LeaseKeeper } from '../../core/pipeline';
import type { PolicyStore, ResultCache } from '../../core/ports';

/** A permit whose process died comes back after this long, in ms. */
const LEASE_MS = 60_000;

// Typed as the ports they implement: state that is shared by workers will stand in their place.
const store: PolicyStore = new MemoryPolicyStore(systemClock);
const results: ResultCache = new MemoryResultCache(systemClock);

/** What all steps of this process share: one store, one clock, one keeper of leases. */
export const services = {
	store,
	clock: systemClock,
	random: Math.random,
	leases: new LeaseKeeper(store, systemClock, LEASE_MS),
	newPermitId: createPermitIds(),
	results,
} as const;
