import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands in front of a server for clients that bring no token. */
export interface TokenProxy {
	readonly url: string;
	close(): Promise<void>;
}

/** Passes everything on as it is, with a token added. */
export async function startTokenProxy(url: string, token: string): Promise<TokenProxy> {
	const { hostname, port, pathname } = new URL(url);
	const proxy = createServer((incoming, answer) => {
		const { method, url: path, headers } = incoming;
		const withToken = { ...headers, authorization: `Bearer ${token}` };
		const sent = request({ hostname, port, method, path, headers: withToken }, (response) => {
			answer.writeHead(response.statusCode!, response.headers);
			response.pipe(answer);
		});
		sent.on('error', () => answer.destroy());
		answer.on('close', () => sent.destroy());
		incoming.pipe(sent);
	});
	await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${pathname}`,
		close: async () => {
			proxy.closeAllConnections();
			await new Promise((resolve) => proxy.close(resolve));
		},
	};
}
