import {
	buildOAuthProtectedResourceMetadata,
	getOAuthProtectedResourceMetadataUrl,
	oauthMetadataResponse,
	type OAuthMetadata,
} from '@modelcontextprotocol/server';

import { ROLES } from '../../core/access';
import { ConfigError, type FullConfig } from '../config/read-config';
import { IssuerDownError, type IssuerLookup } from './oauth-issuer';

/** As clients of before RFC 9728 look for the issuer: at the server itself. */
const ISSUER_PATH = /^\/\.well-known\/oauth-authorization-server\/?$/;

/** What clients without a token are told, so that they can get one (RFC 9728). */
export interface ProtectedResource {
	/** Who makes tokens for it. */
	readonly issuer: string;
	/** Where the answer is to be found, for those who are turned away. */
	readonly metadataUrl: string;
	/** Undefined where a request is about something else. */
	answer(request: Request): Promise<Response | undefined>;
}

/**
 * @param ownUrl where this server listens.
 * @throws {ConfigError} where the issuer is not one that may be named to others.
 */
export function protectedResource(
	{ http, oauth }: Pick<FullConfig, 'http'> & { readonly oauth: NonNullable<FullConfig['oauth']> },
	issuer: Pick<IssuerLookup, 'metadata'>,
	ownUrl: string,
): ProtectedResource {
	const audience = /^https?:\/\//.test(oauth.audience) ? oauth.audience : undefined;
	const resourceServerUrl = new URL(http.publicUrl ?? audience ?? ownUrl);
	const told = (metadata: { readonly issuer: string }) => ({
		// Passed on as it is.
		oauthMetadata: metadata as unknown as OAuthMetadata,
		resourceServerUrl,
		scopesSupported: ROLES.map((role) => `bulwark:${role}`),
		resourceName: 'Bulwark',
	});
	const named = told({ issuer: oauth.issuer });
	try {
		buildOAuthProtectedResourceMetadata(named);
	} catch (error) {
		throw new ConfigError(
			`oauth.issuer (${oauth.issuer}): ${(error as Error).message}`,
			'Use https, which only an issuer on this machine can do without',
		);
	}
	return {
		issuer: oauth.issuer,
		metadataUrl: getOAuthProtectedResourceMetadataUrl(resourceServerUrl),
		answer: async (request) => {
			if (!ISSUER_PATH.test(new URL(request.url).pathname))
				return oauthMetadataResponse(request, named);
			try {
				return oauthMetadataResponse(request, told(await issuer.metadata()));
			} catch (error) {
				// Its name alone would be no document of an issuer (RFC 8414, 2).
				return untold(error);
			}
		},
	};
}

function untold(error: unknown): Response {
	if (error instanceof IssuerDownError)
		return new Response('The OAuth server does not answer', {
			status: 503,
			headers: { 'retry-after': '5' },
		});
	if (error instanceof ConfigError)
		return new Response('The OAuth server says nothing of itself', { status: 404 });
	throw error;
}
