import {
	errors,
	jwtVerify,
	type JWTPayload,
	type JWTVerifyGetKey,
	type JWTVerifyOptions,
	type JWTVerifyResult,
} from 'jose';

/** By how much the clocks of an issuer and of this machine may differ, in seconds. */
const CLOCK_TOLERANCE_S = 5;

/** Only what is signed with a private key: the public one is known to all. */
const ALGORITHMS = [
	...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
	...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** Of access tokens by RFC 9068, and of those by issuers before it; there need be none. */
const TYPES = new Set(['at+jwt', 'application/at+jwt', 'jwt', 'application/jwt']);

/**
 * What an access token says: one that was signed by the issuer for this audience, has not expired, and is good for
 * whoever bears it.
 * @throws {errors.JOSEError} where it is none.
 */
export async function readAccessToken(
	token: string,
	keyOf: JWTVerifyGetKey,
	of: Required<Pick<JWTVerifyOptions, 'issuer' | 'audience'>>,
): Promise<JWTPayload> {
	const { payload, protectedHeader } = await verify(token, keyOf, {
		...of,
		requiredClaims: ['exp', 'sub'],
		algorithms: ALGORITHMS,
		clockTolerance: CLOCK_TOLERANCE_S,
	});
	const { typ } = protectedHeader;
	// Others are for other ends, though the same issuer signs them: to log out, or to prove who has a key.
	if (typ !== undefined && !TYPES.has(String(typ).toLowerCase()))
		throw new errors.JWTInvalid('It is no access token');
	// Whoever brings it would have to prove that he has a key (RFC 7800), which nobody asks for here.
	if (payload.cnf !== undefined) throw new errors.JWTInvalid('It is bound to a key');
	return payload;
}

/** Of several keys that it may be signed with, as where none has an id, each is tried. */
async function verify(
	token: string,
	keyOf: JWTVerifyGetKey,
	options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
	try {
		return await jwtVerify(token, keyOf, options);
	} catch (error) {
		if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
		for await (const key of error) {
			try {
				return await jwtVerify(token, key, options);
			} catch (reason) {
				if (!(reason instanceof errors.JWSSignatureVerificationFailed)) throw reason;
			}
		}
		throw new errors.JWSSignatureVerificationFailed();
	}
}
