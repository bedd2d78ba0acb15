import { openStore, standalone, type OpenStore } from '../open-store';
import { startRedis, type RedisServer } from '../redis-server';
import { bundleWorker, StoreWorker } from './store-worker';

/** A Redis for all tests of a file, and processes that share it; those are killed after each test. */
export interface StoreWorkers {
	readonly server: RedisServer;
	/** What the test itself sees. */
	readonly own: OpenStore;
	startWorker(clockAheadMs?: number): Promise<StoreWorker>;
}

/** Sets them up by jest's hooks: the answer is complete once the first test runs. */
export function useStoreWorkers(): StoreWorkers {
	let server: RedisServer;
	let own: OpenStore;
	let program: Awaited<ReturnType<typeof bundleWorker>>;
	const workers: StoreWorker[] = [];

	beforeAll(async () => {
		[server, program] = await Promise.all([startRedis(), bundleWorker()]);
		own = openStore(standalone(server.port));
		await own.connection.ready();
	});

	afterEach(async () => {
		await Promise.all(workers.splice(0).map((worker) => worker.signal('SIGKILL')));
	});

	afterAll(async () => {
		own.close();
		await program.remove();
		await server.stop();
	});

	return {
		get server() {
			return server;
		},
		get own() {
			return own;
		},
		async startWorker(clockAheadMs = 0) {
			const redis = standalone(server.port);
			const worker = await StoreWorker.start(program.path, { redis, clockAheadMs });
			workers.push(worker);
			return worker;
		},
	};
}
