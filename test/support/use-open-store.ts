import { openStore, standalone, type OpenStore } from './open-store';
import { startRedis, type RedisServer } from './redis-server';

/** A Redis for all tests of a file, and a store in it. Set up by jest's hooks: complete once the first test runs. */
export function useOpenStore(): OpenStore & { readonly port: number } {
	const opened = {} as OpenStore & { port: number };
	let server: RedisServer;

	beforeAll(async () => {
		server = await startRedis();
		Object.assign(opened, openStore(standalone(server.port)), { port: server.port });
		await opened.ping();
	});

	afterAll(async () => {
		opened.close();
		await server.stop();
	});

	return opened;
}
