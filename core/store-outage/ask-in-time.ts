import { StoreError } from '../errors';
import type { Awaitable, Clock } from '../ports';
import { inTime, patienceFor } from './in-time';
import type { StoreHealth } from './store-health';

/** Asks something of a shared store; `characters` is how long the request or its answer is, where that may be long. */
export type AskInTime = <T>(request: () => Awaitable<T>, characters?: number) => Promise<T>;

/**
 * Asks a shared store for what nothing stands in for. A request that fails, or is not answered in time, counts the
 * store as down; then nobody waits for it.
 * @returns a function that throws {StoreError} while the store is known to be down, and what a request failed with.
 */
export function askInTime(health: StoreHealth, clock: Clock): AskInTime {
	return async (request, characters = 0) => {
		if (health.isDown) throw unreachable();
		try {
			return await inTime(Promise.resolve(request()), clock, patienceFor(characters));
		} catch (error) {
			health.noteFailure(error);
			throw error;
		}
	};
}

const unreachable = (): StoreError =>
	new StoreError(
		'STORE_UNREACHABLE',
		'Redis cannot be reached',
		'Check that Redis is up and that the credential is right; then it is used again',
	);
