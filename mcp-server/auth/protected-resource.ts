import {
	buildOAuthProtectedResourceMetadata,
	getOAuthProtectedResourceMetadataUrl,
	oauthMetadataResponse,
} from '@modelcontextprotocol/server';

import { ROLES } from '../../core/access';
import { ConfigError, type FullConfig } from '../config/read-config';
import type { IssuerLookup } from './oauth-issuer';

/** What clients without a token are told, so that they can get one (RFC 9728). */
export interface ProtectedResource {
	/** Where the answer is to be found, for those who are turned away. */
	readonly metadataUrl: string;
	/** Undefined where a request is about something else. */
	answer(request: Request): Response | undefined;
}

/**
 * @param ownUrl where this server listens.
 * @throws {ConfigError} where the issuer is not one that may be named to others.
 */
export function protectedResource(
	{ http, oauth }: FullConfig,
	issuer: Pick<IssuerLookup, 'metadata'>,
	ownUrl: string,
): ProtectedResource {
	const audience = oauth && /^https?:\/\//.test(oauth.audience) ? oauth.audience : undefined;
	const resourceServerUrl = new URL(http.publicUrl ?? audience ?? ownUrl);
	const options = () => ({
		oauthMetadata: issuer.metadata,
		resourceServerUrl,
		scopesSupported: ROLES.map((role) => `bulwark:${role}`),
		resourceName: 'Bulwark',
	});
	try {
		buildOAuthProtectedResourceMetadata(options());
	} catch (error) {
		throw new ConfigError(
			`oauth.issuer (${issuer.metadata.issuer}): ${(error as Error).message}`,
			'Use https, which only an issuer on this machine can do without',
		);
	}
	return {
		metadataUrl: getOAuthProtectedResourceMetadataUrl(resourceServerUrl),
		answer: (request) => oauthMetadataResponse(request, options()),
	};
}
