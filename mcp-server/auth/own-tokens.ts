import { principalOf } from '../../core/access';
import type { Clock, Sha256 } from '../../core/ports';
import type { TokenFile } from '../../adapters/files';
import type { Authenticator } from './authenticator';

/** Tokens that were made with `bulwark-mcp token create`; one that is revoked counts no more with the next request. */
export const ownTokens =
	(file: TokenFile, clock: Clock, sha256: Sha256): Authenticator =>
	async (token) =>
		principalOf(token, await file.read(), clock.now(), sha256);
