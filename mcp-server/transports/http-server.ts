import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { toNodeHandler } from '@modelcontextprotocol/node';
import {
	bearerAuthChallengeResponse,
	createMcpHandler,
	OAuthError,
	OAuthErrorCode,
	type McpServer,
} from '@modelcontextprotocol/server';

import type { Principal } from '../../core/access';
import type { Authenticator } from '../auth/authenticator';
import type { FailedLogins } from '../auth/failed-logins';
import type { ProtectedResource } from '../auth/protected-resource';
import type { Config } from '../config/config-schema';
import { EXPOSITION_TYPE } from '../metrics';
import type { Asking } from '../server/tool-host';
import type { RequestLimiter } from '../request-limiter';
import { Callers } from './callers';
import { headersForPage, headersForPreflight } from './cross-origin';
import { headOf } from './head-of';
import { listen, placeOf } from './listen';
import { LibraryErrors } from './protocol-fault';
import { refuseBatch } from './refuse-batch';

/** How the server is reached over HTTP. */
export interface HttpServerParts {
	readonly http: Config['http'];
	readonly authenticate: Authenticator;
	/** Where tokens of an OAuth server are accepted. */
	readonly resource?: ProtectedResource;
	readonly limiter: RequestLimiter;
	/** Who brings tokens that are refused. */
	readonly failedLogins: FailedLogins;
	readonly createServer: (asking: Asking) => McpServer;
	/** What Prometheus is told. */
	readonly metrics: () => Promise<string>;
	readonly onError: (error: Error) => void;
}

/** A server that listens. */
export interface HttpServer {
	readonly url: string;
	close(): Promise<void>;
}

const PLAIN = { 'content-type': 'text/plain' };

/** As long as the headers may be that Node takes. */
const BEARER = /^Bearer ([\x21-\x7e]+)$/i;

/**
 * Serves MCP at /mcp, and measurements at /metrics, to whoever brings a token.
 * @throws {ListenError}
 */
export async function startHttpServer(parts: HttpServerParts): Promise<HttpServer> {
	const { http, failedLogins, onError } = parts;
	const callers = new Callers(http);
	const errors = new LibraryErrors(onError);
	const mcp = createMcpHandler(
		({ era, authInfo }) =>
			errors.ours(() => {
				const who = authInfo?.extra?.who as Principal | undefined;
				if (!who) throw new Error('A request came past the check of its token');
				return parts.createServer({ who, era });
			}),
		{
			legacy: 'stateless',
			maxRequestBodySize: http.maxBodyBytes,
			onerror: errors.raised,
		},
	);
	/** Who asks, or the answer to those for whom no body is read. */
	const judge = async (request: Request, address: string): Promise<Principal | Response> => {
		const { pathname } = new URL(request.url);
		const metadata = await parts.resource?.answer(request);
		if (metadata) return metadata;
		const isForMetrics = pathname === '/metrics' && request.method === 'GET';
		if (isForMetrics && http.metricsWithoutToken) return await told(parts.metrics);
		if (pathname !== '/mcp' && !isForMetrics) return new Response('Not found', { status: 404 });
		const given = request.headers.get('authorization');
		// A client that brings none asks how to get one.
		if (given === null) return notKnown(parts.resource);
		const barredMs = failedLogins.waitOf(address, given);
		if (barredMs > 0) return tooMany(barredMs);
		const token = BEARER.exec(given)?.[1];
		const who = token && (await parts.authenticate(token));
		if (who === 'not known now') return notKnownNow();
		if (!who || who === 'without role') {
			await failedLogins.failed(address, given);
			return who ? withoutRole(parts.resource) : notKnown(parts.resource);
		}
		failedLogins.succeeded(given);
		const waitMs = parts.limiter.waitOf(limitKeyOf(who));
		if (waitMs > 0) return tooMany(waitMs);
		return isForMetrics ? await told(parts.metrics) : who;
	};
	const serve = async (request: Request, who: Principal): Promise<Response> => {
		// The token itself goes no further.
		const authInfo = { token: '', clientId: who.name, scopes: [], extra: { who } };
		const single = await refuseBatch(request);
		return single instanceof Response ? single : await mcp.fetch(single, { authInfo });
	};
	const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const head = headOf(request);
		if (!head) return void response.writeHead(400).end();
		const { pathname } = new URL(head.url);
		// It tells nothing, and probes call it by any name.
		if (pathname === '/healthz') return void response.writeHead(200, PLAIN).end('ok');
		const refusal = callers.refusalOf(head);
		if (!refusal && pathname === '/mcp') {
			const preflight = headersForPreflight(head);
			if (preflight) return void response.writeHead(204, preflight).end();
			response.setHeaders(new Map(Object.entries(headersForPage(head))));
		}
		const address = request.socket.remoteAddress ?? 'unknown';
		const judged = refusal ?? (await judge(head, address).catch(failed));
		const options = { maxRequestBodySize: http.maxBodyBytes, onerror: onError };
		if (judged instanceof Response) {
			const refuse = toNodeHandler({ fetch: () => Promise.resolve(judged) }, options);
			// It reads no body where one is given.
			return await refuse(request, response, null);
		}
		const fetch = async (asked: Request) => await serve(asked, judged);
		await toNodeHandler({ fetch }, options)(request, response);
	};
	const failed = (error: Error): Response => {
		onError(error);
		return new Response('Internal server error', { status: 500 });
	};
	const server = createServer((request, response) => void answer(request, response));
	await listen(server, http, onError);
	return {
		url: urlOf(http),
		close: async () => {
			// First, so that nobody comes while those who are there go.
			const closed = new Promise((resolve) => server.close(resolve));
			await mcp.close();
			server.closeAllConnections();
			await closed;
		},
	};
}

const told = async (metrics: () => Promise<string>): Promise<Response> =>
	new Response(await metrics(), { headers: { 'content-type': EXPOSITION_TYPE } });

/** A token that was made here may be named like a subject of the OAuth server, and is somebody else. */
const limitKeyOf = ({ via, name }: Principal): string => `${via} ${name}`;

/** Where a server listens. */
export const urlOf = (http: Pick<Config['http'], 'host' | 'port'>): string =>
	`http://${placeOf(http)}/mcp`;

const notKnown = (resource: ProtectedResource | undefined): Response =>
	bearerAuthChallengeResponse(
		new OAuthError(
			OAuthErrorCode.InvalidToken,
			`A valid bearer token is needed. Make one with: bulwark-mcp token create${resource ? `; or get one of ${resource.issuer}` : ''}`,
		),
		{ resourceMetadataUrl: resource?.metadataUrl },
	);

/** The token may be good: to say that it is not would make a client throw it away. */
const notKnownNow = (): Response =>
	new Response('The OAuth server cannot be asked who brings this token', {
		status: 503,
		headers: { 'retry-after': '5' },
	});

/** To log in again as before would help nobody (RFC 6750). */
const withoutRole = (resource: ProtectedResource | undefined): Response =>
	bearerAuthChallengeResponse(
		new OAuthError(
			OAuthErrorCode.InsufficientScope,
			'The token is valid, but names no role here. Ask for a scope such as bulwark:viewer, or who administers the issuer for a role',
		),
		{ requiredScopes: ['bulwark:viewer'], resourceMetadataUrl: resource?.metadataUrl },
	);

const tooMany = (waitMs: number): Response =>
	new Response('Too many requests', {
		status: 429,
		headers: { 'retry-after': `${Math.ceil(waitMs / 1_000)}` },
	});
