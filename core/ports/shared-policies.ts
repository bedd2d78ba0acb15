import type { PolicyKeys } from './policy-keys';
import type { PolicyRegistry } from './policy-registry';
import type { PolicyStore } from './policy-store';

/** Policies as all who share a store see them: their live state, their definitions, and the keys of their states. */
export interface SharedPolicies {
	readonly store: PolicyStore;
	readonly registry: PolicyRegistry;
	readonly keys: PolicyKeys;
}
