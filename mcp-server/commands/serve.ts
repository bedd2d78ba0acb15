import { sha256, systemClock } from '../../adapters/system';
import { anyOf } from '../auth/authenticator';
import { FailedLogins } from '../auth/failed-logins';
import { IssuerDownError, IssuerLookup } from '../auth/oauth-issuer';
import { oauthTokens } from '../auth/oauth-tokens';
import { ownTokens } from '../auth/own-tokens';
import { protectedResource } from '../auth/protected-resource';
import type { FullConfig } from '../config/read-config';
import { offers } from '../offers';
import { openHost } from '../open-host';
import { createServer } from '../server/create-server';
import { tokenFolderOf } from '../token-folder-of';
import { startHttpServer, urlOf, type HttpServer } from '../transports/http-server';
import { RequestLimiter } from '../request-limiter';
import { logErrors } from './log-errors';

/** Serves over HTTP until it is closed. */
export async function serve(config: FullConfig, log: (line: string) => void): Promise<HttpServer> {
	const onError = logErrors(config, log);
	const { http, oauth } = config;
	const authenticators = [ownTokens(tokenFolderOf(config), systemClock, sha256, onError)];
	const issuer = oauth && new IssuerLookup(oauth, systemClock);
	if (issuer) authenticators.push(oauthTokens(oauth, issuer, onError));
	const resource = issuer && protectedResource({ http, oauth }, issuer, urlOf(http));
	// Without it tokens that were made here are of use all the same.
	await issuer?.jwksUrl().catch((error: unknown) => {
		if (!(error instanceof IssuerDownError)) throw error;
		onError(error);
	});
	const host = await openHost(config, 'http', onError);
	const { requestsPerMinute } = http;
	const failedLogins = new FailedLogins(
		new RequestLimiter(requestsPerMinute, systemClock),
		systemClock,
		sha256,
		async (address, failures) => await host.audit(refusedTokens(address, failures)),
		onError,
	);
	try {
		const server = await startHttpServer({
			http,
			authenticate: anyOf(authenticators),
			resource,
			limiter: new RequestLimiter(requestsPerMinute, systemClock),
			failedLogins,
			createServer: (asking) => createServer(offers, host, asking),
			metrics: host.metrics,
			onError,
		});
		return {
			url: server.url,
			close: async () => {
				await server.close();
				await failedLogins.close();
				await host.close();
			},
		};
	} catch (error) {
		await host.close();
		throw error;
	}
}

const refusedTokens = (address: string, failures: number) => ({
	who: { name: 'unknown', role: 'viewer', via: 'token' } as const,
	operation: 'authenticate',
	input: { address, failures },
	outcome: 'refused' as const,
	detail: `${failures} ${failures === 1 ? 'token' : 'tokens'} from ${address} ${failures === 1 ? 'was' : 'were'} refused`,
});
