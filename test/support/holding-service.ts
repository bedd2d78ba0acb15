import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service that holds calls until it is told to answer, and counts them by the execution that they come from. */
export interface HoldingService {
	readonly url: string;
	/** How often each execution has called. */
	readonly calls: ReadonlyMap<string, number>;
	/** Answers those that are held, and all that come from now on. */
	release(): void;
	/** Holds what comes from now on. */
	hold(): void;
	close(): void;
}

export async function startHoldingService(): Promise<HoldingService> {
	const calls = new Map<string, number>();
	const held = new Set<ServerResponse>();
	let isHolding = true;
	const answer = (response: ServerResponse): void => void response.end('{"done":true}');
	const server = createServer((request, response) => {
		const id = new URL(request.url!, 'http://service').searchParams.get('execution') ?? '';
		calls.set(id, (calls.get(id) ?? 0) + 1);
		response.setHeader('content-type', 'application/json');
		if (!isHolding) return answer(response);
		held.add(response);
		response.on('close', () => held.delete(response));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		calls,
		release: () => {
			isHolding = false;
			for (const response of held) answer(response);
			held.clear();
		},
		hold: () => void (isHolding = true),
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	};
}
