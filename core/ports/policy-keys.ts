import type { Awaitable } from '../awaitable';
import type { PolicyDefinition } from '../policies/definition';

export interface KeyPage {
	/** In no order; a key that comes and goes meanwhile may be missing or be there twice. */
	readonly keys: readonly string[];
	/** What to ask for the next page with; undefined on the last. A page may be empty though others follow. */
	readonly next: string | undefined;
}

/** Under which keys a policy has states: for people who look for one, not for calls. */
export interface PolicyKeys {
	/** @param after the `next` of the page before; undefined for the first. */
	keysOf(policy: PolicyDefinition, after?: string): Awaitable<KeyPage>;
}
