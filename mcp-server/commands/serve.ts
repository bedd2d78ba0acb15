import { systemClock } from '../../adapters/system';
import { anyOf } from '../auth/authenticator';
import { oauthTokens } from '../auth/oauth-tokens';
import { ownTokens } from '../auth/own-tokens';
import type { FullConfig } from '../config/read-config';
import { openHost } from '../open-host';
import { createServer } from '../server/create-server';
import { tools } from '../tools';
import { tokenFileOf } from '../token-file-of';
import { startHttpServer, type HttpServer } from '../transports/http-server';
import { RequestLimiter } from '../transports/request-limiter';
import { sha256 } from '../../adapters/system';

/** Serves over HTTP until it is closed. */
export async function serve(config: FullConfig, log: (line: string) => void): Promise<HttpServer> {
	const onError = (error: Error): void => log(`Error: ${error.message}`);
	const host = await openHost(config, 'http', onError);
	const { oauth } = config;
	const authenticators = [ownTokens(tokenFileOf(config), systemClock, sha256)];
	if (oauth) authenticators.push(oauthTokens(oauth, await jwksUrlOf(oauth), onError));
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

/** Where an issuer says that its keys are. */
async function jwksUrlOf({ issuer, jwksUrl }: NonNullable<FullConfig['oauth']>): Promise<URL> {
	if (jwksUrl) return new URL(jwksUrl);
	const base = issuer.replace(/\/$/, '');
	const answer = await fetch(`${base}/.well-known/openid-configuration`);
	const { jwks_uri: found } = (await answer.json()) as { jwks_uri: string };
	return new URL(found);
}
