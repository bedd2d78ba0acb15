import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What executions call: keeps the first call of each waiting, answers later ones, and counts. */
export interface CountingService {
	url: string;
	/** How often each execution has called. */
	calls: ReadonlyMap<string, number>;
	close(): void;
}

export async function startCountingService(): Promise<CountingService> {
	const calls = new Map<string, number>();
	const server = createServer(({ url }, response) => {
		const id = new URL(url!, 'http://service').searchParams.get('execution') ?? '';
		const count = (calls.get(id) ?? 0) + 1;
		calls.set(id, count);
		if (count > 1) response.end('{}');
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		calls,
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	};
}
