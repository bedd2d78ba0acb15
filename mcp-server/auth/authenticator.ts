import type { Principal } from '../../core/access';

/**
 * Finds out who brings a token; undefined when it is not valid here. Who has no role may do nothing. `not known now`: who
 * could tell does not answer.
 */
export type Authenticator = (
	token: string,
) => Promise<Principal | 'without role' | 'not known now' | undefined>;

/** Asks one after another. */
export const anyOf =
	(authenticators: readonly Authenticator[]): Authenticator =>
	async (token) => {
		for (const authenticate of authenticators) {
			const who = await authenticate(token);
			if (who) return who;
		}
		return undefined;
	};
