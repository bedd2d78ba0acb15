import { idOfToken, principalOf } from '../../core/access';
import type { Clock, Sha256 } from '../../core/ports';
import { TokenFileError, type TokenFolder } from '../../adapters/files';
import type { Authenticator } from './authenticator';

/** Most files that are told of: where the folder cannot be read, whoever makes up ids would fill the log. */
const MOST_TOLD = 100;

/**
 * Tokens that were made with `bulwark-mcp token create`; one that is revoked counts no more with the next request. One
 * whose file cannot be read is not valid.
 * @param onError told once of each such file.
 */
export function ownTokens(
	tokens: TokenFolder,
	clock: Clock,
	sha256: Sha256,
	onError: (error: Error) => void,
): Authenticator {
	const told = new Set<string>();
	return async (text) => {
		const id = idOfToken(text);
		if (id === undefined) return undefined;
		try {
			const known = await tokens.find(id);
			told.delete(id);
			return known && principalOf(text, known, clock.now(), sha256);
		} catch (error) {
			if (!(error instanceof TokenFileError)) throw error;
			if (told.has(id) || told.size >= MOST_TOLD) return undefined;
			told.add(id);
			onError(error);
			return undefined;
		}
	};
}
