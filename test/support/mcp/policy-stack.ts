import { openStore, standalone, type OpenStore } from '../open-store';
import { startRedis, type RedisServer } from '../redis-server';
import { queueIn, startMcpServer, type TestMcpServer } from './mcp-server';

/** A Redis, the store that steps keep their state with in it, and the MCP server that looks at both. */
export interface PolicyStack {
	readonly redis: RedisServer;
	readonly steps: OpenStore;
	readonly server: TestMcpServer;
	stop(): Promise<void>;
}

/** @param settings of the server besides where its Redis is, as in the environment of n8n. */
export async function startPolicyStack(
	settings: Readonly<Record<string, string>> = {},
): Promise<PolicyStack> {
	const redis = await startRedis();
	const steps = openStore(standalone(redis.port));
	const server = await startMcpServer({ ...queueIn(redis), ...settings });
	return {
		redis,
		steps,
		server,
		stop: async () => {
			await server.stop();
			steps.close();
			await redis.stop();
		},
	};
}
