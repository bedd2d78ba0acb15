import type { Sha256 } from '../sha256';
import type { Principal } from './principal';
import type { Role } from './role';

/** What is kept of a bearer token: enough to know it again, not enough to make it. */
export interface AccessToken {
	/** The part of it that is not secret. */
	readonly id: string;
	/** Given by who made it, for the audit log. */
	readonly name: string;
	readonly role: Role;
	/** SHA-256 of the whole token. It holds 256 bits of chance, so that a slow hash would add nothing. */
	readonly hash: string;
	/** Ms since the epoch. */
	readonly createdAt: number;
	readonly expiresAt: number;
}

const FORM = 'bwk_([A-Za-z0-9]{12})_[A-Za-z0-9_-]{43}';

const WHOLE = new RegExp(`^${FORM}$`);

/** Whatever looks like a token within a text. */
export const TOKENS = new RegExp(FORM, 'g');

/** A new token, from 12 letters and digits, and 32 random bytes in base64url. */
export const tokenText = (id: string, secret: string): string => `bwk_${id}_${secret}`;

/** The id in a token; undefined when the text is none. */
export const idOfToken = (token: string): string | undefined => WHOLE.exec(token)?.[1];

/** Who brings a token; undefined when it is another one than is known, or too old. */
export function principalOf(
	token: string,
	known: AccessToken,
	now: number,
	sha256: Sha256,
): Principal | undefined {
	const { id, hash, name, role, expiresAt } = known;
	// What is compared is a hash, so the time that comparing takes tells nothing of the token.
	const isKnown = id === idOfToken(token) && hash === sha256(token);
	return isKnown && now < expiresAt ? { name, role, via: 'token' } : undefined;
}
