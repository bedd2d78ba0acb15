import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey } from 'jose';

import { ROLES, type Role } from '../../core/access';
import { oneLine } from '../../core/one-line';
import { shorten } from '../../core/shorten';
import type { Config } from '../config/config-schema';
import { readAccessToken } from './access-token';
import type { Authenticator } from './authenticator';
import { IssuerDownError, type IssuerLookup } from './oauth-issuer';

const SCOPE = /^bulwark:(\w+)$/;

/** As long as OpenID Connect lets a subject be, in characters. */
const LONGEST_NAME = 255;

/** Longest wait for the issuer's keys, in ms. */
const KEYS_TIMEOUT_MS = 5_000;

/**
 * Tokens of an OAuth server (JSON Web Tokens, RFC 9068). The role is that of the claim, or, where there is none, the highest that a scope such as `bulwark:operator`
 * names; without a role the token is of no use here.
 * @param onError told once that the issuer cannot be asked, until it can be.
 */
export function oauthTokens(
	{ issuer, audience, roleClaim }: NonNullable<Config['oauth']>,
	lookup: Pick<IssuerLookup, 'jwksUrl'>,
	onError: (error: Error) => void,
): Authenticator {
	const keyOf = keysOf(issuer, lookup);
	let isToldDown = false;
	return async (token) => {
		try {
			const payload = await readAccessToken(token, keyOf, { issuer, audience });
			isToldDown = false;
			const name = nameOf(payload.sub);
			const role = roleOf(payload, roleClaim);
			if (name === undefined) return undefined;
			return role ? { name, role, via: 'oauth' } : 'without role';
		} catch (error) {
			// A token that is not valid is nothing to report; an issuer that cannot be asked is.
			if (error instanceof errors.JOSEError) return undefined;
			if (!isToldDown) onError(error as Error);
			isToldDown = true;
			return 'not known now';
		}
	};
}

/** The issuer's keys, looked for when the first token comes. */
function keysOf(issuer: string, lookup: Pick<IssuerLookup, 'jwksUrl'>): JWTVerifyGetKey {
	let keys: JWTVerifyGetKey | undefined;
	return async (header, token) => {
		keys ??= createRemoteJWKSet(await lookup.jwksUrl(), { timeoutDuration: KEYS_TIMEOUT_MS });
		try {
			return await keys(header, token);
		} catch (error) {
			if (isOfToken(error)) throw error;
			throw new IssuerDownError(issuer, 'does not give its keys', error);
		}
	};
}

/** Whether the issuer has keys, but none for this token. */
const isOfToken = (error: unknown): boolean =>
	error instanceof errors.JWKSNoMatchingKey ||
	error instanceof errors.JWKSMultipleMatchingKeys ||
	error instanceof errors.JOSENotSupported;

/** One line, since it stands in answers and in the audit log; undefined where it names nobody. */
const nameOf = (subject: unknown): string | undefined =>
	typeof subject === 'string' && subject.trim() !== ''
		? oneLine(shorten(subject, LONGEST_NAME))
		: undefined;

/** The claim is what the issuer says of its user; a scope is what a client asked for, and goes over no claim. */
function roleOf(payload: JWTPayload, roleClaim: string): Role | undefined {
	const named = Object.hasOwn(payload, roleClaim)
		? [payload[roleClaim]].flat()
		: scopesOf(payload).map((scope) => SCOPE.exec(scope)?.[1]);
	return ROLES.findLast((role) => named.includes(role));
}

const scopesOf = ({ scope }: JWTPayload): string[] =>
	typeof scope === 'string' ? scope.split(' ') : [];
