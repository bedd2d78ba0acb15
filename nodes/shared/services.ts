import {
	MemoryIdempotencyStore,
	MemoryPolicyRegistry,
	MemoryPolicyStore,
	MemoryResultCache,
} from '../../adapters/memory';
import { createPermitIds, systemClock } from '../../adapters/system';
import { LeaseKeeper } from '../../core/pipeline';
import { DefinitionNotes, KnownPolicies } from '../../core/policy-registry';
import type {
	Clock,
	IdempotencyStore,
	PolicyRegistry,
	PolicyStore,
	Random,
	ResultCache,
	Run,
	SharedPolicies,
} from '../../core/ports';

/** A permit whose process died comes back after this long, in ms. */
export const LEASE_MS = 60_000;

/** What a step works with. The clock, chance and ids are those of the process; the rest belongs to where state is kept. */
export interface Services {
	readonly store: PolicyStore;
	readonly leases: LeaseKeeper;
	/** What work is under way or done, for steps that run it once. */
	readonly runs: IdempotencyStore;
	readonly runLeases: LeaseKeeper<Run>;
	/** Last good results for fallbacks. */
	readonly results: ResultCache;
	/** Which policies there are by name; the notes tell it, the policies are what it says. */
	readonly registry: PolicyRegistry;
	readonly notes: DefinitionNotes;
	readonly policies: KnownPolicies;
	readonly clock: Clock;
	readonly random: Random;
	readonly newPermitId: () => string;
}

const store = new MemoryPolicyStore(systemClock);
const runs: IdempotencyStore = new MemoryIdempotencyStore(systemClock);
const registry: PolicyRegistry = new MemoryPolicyRegistry(systemClock);

/** Those of steps that keep their state in this process: one store for all of them. */
export const services: Services = {
	store,
	leases: new LeaseKeeper(store, systemClock, LEASE_MS),
	runs,
	runLeases: new LeaseKeeper(runs, systemClock, LEASE_MS),
	results: new MemoryResultCache(systemClock),
	registry,
	notes: new DefinitionNotes(registry, systemClock),
	policies: new KnownPolicies(registry, systemClock),
	clock: systemClock,
	random: Math.random,
	newPermitId: createPermitIds(),
};

/** The same for people: what steps that keep their state in this process define, and how it is. */
export const policiesOfProcess: SharedPolicies = { store, registry, keys: store };
