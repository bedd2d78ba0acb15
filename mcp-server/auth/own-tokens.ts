import { idOfToken, principalOf } from '../../core/access';
import type { Clock, Sha256 } from '../../core/ports';
import type { TokenFolder } from '../../adapters/files';
import type { Authenticator } from './authenticator';

/** Tokens that were made with `bulwark-mcp token create`; one that is revoked counts no more with the next request. */
export const ownTokens =
	(tokens: TokenFolder, clock: Clock, sha256: Sha256): Authenticator =>
	async (text) => {
		const id = idOfToken(text);
		const known = id === undefined ? undefined : await tokens.find(id);
		return known && principalOf(text, known, clock.now(), sha256);
	};
