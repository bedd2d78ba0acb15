import { join } from 'node:path';

import { FaultProxy } from '../fault-proxy';

/** Settings that let each worker be as on a machine of its own, whose way to Redis can be spoilt. */
export class OwnMachines {
	private readonly proxies = new Map<string, FaultProxy>();

	/** @param concurrency of workers that have one of their own, by their names. */
	constructor(private readonly concurrency: Readonly<Record<string, number>>) {}

	/** @param worker such as `worker-2`. */
	proxyOf(worker: string): FaultProxy {
		return this.proxies.get(worker)!;
	}

	/** As a stack asks for the settings of a worker. */
	readonly envOf = async (worker: string, redis: { port: number }): Promise<NodeJS.ProcessEnv> => {
		const address = `127.0.1.${worker.split('-')[1]}`;
		const proxy = await FaultProxy.start(redis.port, address);
		this.proxies.set(worker, proxy);
		return {
			QUEUE_BULL_REDIS_PORT: `${proxy.port}`,
			BULWARK_TEST_ADDRESS: address,
			// n8n lets it go over what the worker is started with.
			N8N_CONCURRENCY_PRODUCTION_LIMIT: `${this.concurrency[worker] ?? -1}`,
			BULWARK_TEST_HOST: `machine-of-${worker}`,
			NODE_OPTIONS: `--require=${join(__dirname, 'own-machine.cjs')}`,
		};
	};

	async stop(): Promise<void> {
		for (const proxy of this.proxies.values()) await proxy.stop();
	}
}
