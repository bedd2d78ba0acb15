import type { OAuthMetadata } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { ConfigError, type FullConfig } from '../config/read-config';

/** Longest wait for what an issuer says of itself, in ms. */
const METADATA_TIMEOUT_MS = 5_000;

const metadataSchema = z.looseObject({ issuer: z.string(), jwks_uri: z.url() });

/** An OAuth server whose tokens are accepted. */
export interface OauthIssuer {
	readonly jwksUrl: URL;
	/** What it says of itself; no more than its name where only its keys are known. */
	readonly metadata: OAuthMetadata;
}

/**
 * Asks an issuer who it is.
 * @throws {ConfigError} where that does not say where its keys are, and nobody else does.
 */
export async function findIssuer({
	issuer,
	jwksUrl,
}: NonNullable<FullConfig['oauth']>): Promise<OauthIssuer> {
	try {
		const metadata = await metadataOf(issuer);
		if (metadata.issuer !== issuer)
			throw new Error(`it calls itself ${metadata.issuer}, and so do its tokens`);
		return { jwksUrl: new URL(jwksUrl ?? metadata.jwks_uri), metadata: asMetadata(metadata) };
	} catch (error) {
		if (jwksUrl) return { jwksUrl: new URL(jwksUrl), metadata: asMetadata({ issuer }) };
		throw new ConfigError(
			`oauth.issuer (${issuer}) does not say where its keys are: ${(error as Error).message}`,
			'Let this server reach the issuer, and write it as the issuer does; or set oauth.jwksUrl',
		);
	}
}

/** By OpenID Connect Discovery, or else by RFC 8414. */
async function metadataOf(issuer: string): Promise<z.output<typeof metadataSchema>> {
	const { origin, pathname } = new URL(issuer);
	const path = pathname.replace(/\/$/, '');
	try {
		return await documentAt(`${origin}${path}/.well-known/openid-configuration`);
	} catch (error) {
		return await documentAt(`${origin}/.well-known/oauth-authorization-server${path}`).catch(() => {
			throw error;
		});
	}
}

async function documentAt(url: string): Promise<z.output<typeof metadataSchema>> {
	const answer = await fetch(url, { signal: AbortSignal.timeout(METADATA_TIMEOUT_MS) });
	if (!answer.ok) throw new Error(`it answers ${answer.status}`);
	const result = metadataSchema.safeParse(await answer.json());
	if (!result.success)
		throw new Error(`its metadata lack ${result.error.issues[0]!.path.join('.')}`);
	return result.data;
}

/** Passed on as it is. */
const asMetadata = (found: { readonly issuer: string }): OAuthMetadata =>
	found as unknown as OAuthMetadata;
