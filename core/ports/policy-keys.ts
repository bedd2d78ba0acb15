import type { Awaitable } from '../awaitable';
import type { PolicyDefinition } from '../policies/definition';
import type { PolicyAddress } from './policy-store';

export interface KeyPage {
	/** In no order; a key that comes and goes meanwhile may be missing or be there twice. */
	readonly keys: readonly string[];
	/** What to ask for the next page with; undefined on the last. A page may be empty though others follow. */
	readonly next: string | undefined;
}

export interface StatePage {
	/** In no order; a state that comes and goes meanwhile may be missing or be there twice. */
	readonly states: readonly PolicyAddress[];
	/** What to ask for the next page with; undefined on the last. A page may be empty though others follow. */
	readonly next: string | undefined;
}

/** Who holds a slot of a bulkhead. */
export interface SlotHolder {
	readonly permitId: string;
	/** When the slot comes free unless its lease is renewed, ms since the epoch by this process's clock. */
	readonly leaseUntil: number;
}

/** Under which keys policies have states, and who holds them: for people who look, not for calls. */
export interface PolicyKeys {
	/** @param after the `next` of the page before; undefined for the first. */
	keysOf(policy: PolicyDefinition, after?: string): Awaitable<KeyPage>;
	/**
	 * States of all policies.
	 * @param after the `next` of the page before; undefined for the first.
	 */
	states(after?: string): Awaitable<StatePage>;
	/**
	 * Which states turned calls away within the last hour, or were changed by hand so that they do, the last ones first.
	 * Some may be in order again, some be missing: it is where to look first.
	 */
	turnedAwayLately(most: number): Awaitable<readonly PolicyAddress[]>;
	/** Of a bulkhead, those whose leases end first. None of another policy. */
	holdersOf(policy: PolicyDefinition, key: string, most: number): Awaitable<readonly SlotHolder[]>;
}
