import { randomBytes } from 'node:crypto';

import type { TokenFileError, TokenFolder } from '../../adapters/files';
import { sha256, systemClock } from '../../adapters/system';
import { tokenText, type Role } from '../../core/access';
import { BulwarkError } from '../../core/errors';
import { isoTime } from '../../core/iso-time';
import { oneLine, quoted } from '../../core/one-line';

const DAY_MS = 24 * 3_600_000;

/** Of an id, in characters. */
const ID_LENGTH = 12;

/** What was asked of the tokens cannot be done. */
export class TokenCommandError extends BulwarkError {
	readonly code = 'TOKEN_COMMAND_INVALID';
}

/** Makes a token and keeps its hash. @returns the token, which is shown this once. */
export async function createToken(
	tokens: TokenFolder,
	name: string,
	role: Role,
	days: number,
): Promise<string> {
	const isTaken = (await tokens.all()).some((token) => token.name === name);
	// Two who give the same name at once make the same id, which one of them gets.
	const id = sha256(name).slice(0, ID_LENGTH);
	const text = tokenText(id, randomBytes(32).toString('base64url'));
	const createdAt = systemClock.now();
	const expiresAt = createdAt + days * DAY_MS;
	const token = { id, name, role, hash: sha256(text), createdAt, expiresAt };
	if (isTaken || !(await tokens.add(token)))
		throw new TokenCommandError(
			`There is a token named ${quoted(name)} already`,
			'Choose another name, or revoke that one first',
		);
	return text;
}

/**
 * Forgets a token: whoever brings it is turned away from now on.
 * @returns why others could not be looked at, by which nobody is let in either.
 */
export async function revokeToken(
	folder: TokenFolder,
	name: string,
): Promise<readonly TokenFileError[]> {
	const { tokens, unreadable } = await folder.readable();
	const named = tokens.filter((token) => token.name === name);
	for (const token of named) await folder.remove(token);
	if (named.length > 0) return unreadable;
	// It may be the one that is meant.
	if (unreadable[0]) throw unreadable[0];
	throw new TokenCommandError(
		`There is no token named ${quoted(name)}`,
		'bulwark-mcp token list shows their names',
	);
}

/**
 * All tokens that can be read, a line each.
 * @param onUnreadable told of each other one, by which nobody is let in.
 */
export async function listTokens(
	folder: TokenFolder,
	onUnreadable: (error: TokenFileError) => void,
): Promise<string[]> {
	const now = systemClock.now();
	const { tokens, unreadable } = await folder.readable();
	for (const error of unreadable) onUnreadable(error);
	return tokens.map(({ name, role, expiresAt }) => {
		const day = isoTime(expiresAt).slice(0, 10);
		return `${oneLine(name)}  ${role}  ${now < expiresAt ? `until ${day}` : `expired ${day}`}`;
	});
}
