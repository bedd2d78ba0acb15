import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A service that holds calls until it is told to answer, and counts them by the execution that they come from. Calls of
 * /quick it answers at once.
 */
export interface HoldingService {
	readonly url: string;
	/** How often each execution has called. */
	readonly calls: ReadonlyMap<string, number>;
	/** Executions whose calls are held. */
	readonly held: ReadonlySet<string>;
	/** Answers those that are held, and all that come from now on; of these executions only those that are held. */
	release(ids?: readonly string[]): void;
	/** Holds what comes from now on. */
	hold(): void;
	close(): void;
}

export async function startHoldingService(): Promise<HoldingService> {
	const calls = new Map<string, number>();
	const held = new Map<ServerResponse, string>();
	let isHolding = true;
	const answer = (response: ServerResponse): void => void response.end('{"done":true}');
	const server = createServer((request, response) => {
		const { pathname, searchParams } = new URL(request.url!, 'http://service');
		const id = searchParams.get('execution') ?? '';
		calls.set(id, (calls.get(id) ?? 0) + 1);
		response.setHeader('content-type', 'application/json');
		if (!isHolding || pathname === '/quick') return answer(response);
		held.set(response, id);
		response.on('close', () => held.delete(response));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		calls,
		get held() {
			return new Set(held.values());
		},
		release: (ids) => {
			isHolding &&= ids !== undefined;
			for (const [response, id] of held) {
				if (ids?.includes(id) === false) continue;
				held.delete(response);
				answer(response);
			}
		},
		hold: () => void (isHolding = true),
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	};
}
