import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

import { makeCertificates } from './certificates';

/** What was asked of Slack. */
export interface SlackCall {
	readonly path: string;
	readonly authorization: string | undefined;
	readonly body: Readonly<Record<string, unknown>>;
}

/** Stands where slack.com is. */
export interface SlackServer {
	/** Leads a program there: its address is fixed, so it is reached through a proxy. */
	readonly env: NodeJS.ProcessEnv;
	readonly calls: SlackCall[];
	close(): Promise<void>;
}

/** Takes whatever is posted, over an encrypted connection as Slack's own. */
export async function startSlackServer(): Promise<SlackServer> {
	const certificates = await makeCertificates('DNS:slack.com');
	const calls: SlackCall[] = [];
	const { cert, key } = certificates.server;
	const slack = createTlsServer({ cert, key }, (request, response) => {
		void text(request).then((body) => {
			const { authorization } = request.headers;
			calls.push({ path: request.url!, authorization, body: JSON.parse(body) });
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify({ ok: true, ts: '1', channel: 'C1', message: { text: '' } }));
		});
	});
	slack.listen(0, '127.0.0.1');
	await once(slack, 'listening');
	const sockets = new Set<Socket>();
	const proxy = createServer().on('connect', ({ url }, client: Socket) => {
		sockets.add(client);
		client.on('error', () => undefined);
		// Whatever else is asked for stays out of reach.
		if (url !== 'slack.com:443') return void client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
		const upstream = connect((slack.address() as AddressInfo).port, '127.0.0.1', () => {
			client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			client.pipe(upstream).pipe(client);
		});
		sockets.add(upstream.on('error', () => client.destroy()));
	});
	proxy.listen(0, '127.0.0.1');
	await once(proxy, 'listening');
	return {
		env: {
			HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
			NO_PROXY: '127.0.0.1,localhost',
			NODE_EXTRA_CA_CERTS: certificates.authority.certFile,
		},
		calls,
		close: async () => {
			for (const socket of sockets) socket.destroy();
			slack.closeAllConnections();
			await Promise.all([slack, proxy].map((server) => once(server.close(), 'close')));
			await certificates.remove();
		},
	};
}
