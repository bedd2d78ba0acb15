import { z } from 'zod';

import { sha256, systemClock } from '../../adapters/system';
import { anyOf } from '../auth/authenticator';
import { oauthTokens } from '../auth/oauth-tokens';
import { ownTokens } from '../auth/own-tokens';
import { ConfigError, type FullConfig } from '../config/read-config';
import { openHost } from '../open-host';
import { createServer } from '../server/create-server';
import { tools } from '../tools';
import { tokenFileOf } from '../token-file-of';
import { startHttpServer, type HttpServer } from '../transports/http-server';
import { RequestLimiter } from '../transports/request-limiter';

/** Serves over HTTP until it is closed. */
export async function serve(config: FullConfig, log: (line: string) => void): Promise<HttpServer> {
	const onError = (error: Error): void => log(`Error: ${error.message}`);
	const { oauth } = config;
	const authenticators = [ownTokens(tokenFileOf(config), systemClock, sha256)];
	if (oauth) authenticators.push(oauthTokens(oauth, await jwksUrlOf(oauth), onError));
	const host = await openHost(config, 'http', onError);
	try {
		const server = await startHttpServer({
			http: config.http,
			authenticate: anyOf(authenticators),
			limiter: new RequestLimiter(config.http.requestsPerMinute, systemClock),
			createServer: (asking) => createServer(tools, host, asking),
			onError,
		});
		return {
			url: server.url,
			close: async () => {
				await server.close();
				await host.close();
			},
		};
	} catch (error) {
		await host.close();
		throw error;
	}
}

/** Longest wait for what an issuer says of itself, in ms. */
const METADATA_TIMEOUT_MS = 5_000;

const metadata = z.object({ jwks_uri: z.url() });

/** Where an issuer says that its keys are. */
async function jwksUrlOf({ issuer, jwksUrl }: NonNullable<FullConfig['oauth']>): Promise<URL> {
	if (jwksUrl) return new URL(jwksUrl);
	const base = issuer.replace(/\/$/, '');
	try {
		const answer = await fetch(`${base}/.well-known/openid-configuration`, {
			signal: AbortSignal.timeout(METADATA_TIMEOUT_MS),
		});
		return new URL(metadata.parse(await answer.json()).jwks_uri);
	} catch (error) {
		throw new ConfigError(
			`oauth.issuer (${issuer}) does not say where its keys are: ${(error as Error).message}`,
			'Let this server reach the issuer, or set oauth.jwksUrl',
		);
	}
}
