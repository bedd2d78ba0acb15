import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { answer } from './answer.ts';
import { CallLedger } from './call-ledger.ts';
import { FixedWindows } from './fixed-windows.ts';
import { Outages } from './outages.ts';

/** Where the flaky API listens unless told otherwise; the prebuilt workflows call it there. */
export const DEFAULT_FLAKY_API_PORT = 5690;

export interface FlakyApiOptions {
	/** Port to listen on; 0 takes a free one. Default 5690. */
	port?: number;
	/** The clock in ms since 1970; for tests. */
	now?: () => number;
}

export interface FlakyApi {
	url: string;
	port: number;
	/** Stops listening and drops the connections that are open. */
	close(): Promise<void>;
}

/**
 * Starts a small HTTP API on loopback that fails in ways which are known beforehand: by query
 * parameters and by counters per key, never by chance unless `rate` asks for it. `GET /` lists what
 * it can do. Rejects with the system's error (`EADDRINUSE`, say) when it cannot listen.
 */
export async function createFlakyApi(options: FlakyApiOptions = {}): Promise<FlakyApi> {
	const state = {
		ledger: new CallLedger(),
		outages: new Outages(),
		windows: new FixedWindows(),
		now: options.now ?? Date.now,
	};
	const server = createServer((request, response) => {
		void answer(request, response, state);
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(options.port ?? DEFAULT_FLAKY_API_PORT, '127.0.0.1', resolve);
	});
	const { port } = server.address() as AddressInfo;
	return {
		port,
		url: `http://127.0.0.1:${port}`,
		close: async () =>
			await new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
