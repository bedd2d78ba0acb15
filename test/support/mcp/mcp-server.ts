import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Role } from '../../../core/access';
import { serve } from '../../../mcp-server/commands/serve';
import { createToken } from '../../../mcp-server/commands/token';
import { readConfig, type FullConfig } from '../../../mcp-server/config/read-config';
import { tokenFolderOf } from '../../../mcp-server/token-folder-of';
import { freePort } from '../free-port';
import { connectModern, type TestClient, type UserAnswer } from './mcp-clients';

/** How a client of one of the SDK's versions connects. */
type Connect = typeof connectModern;

/** Bulwark's MCP server over HTTP on a free port, with a folder of its own. */
export interface TestMcpServer {
	readonly url: string;
	readonly config: FullConfig;
	/** What it logged. */
	readonly log: readonly string[];
	/** A new token with this role. */
	token(role: Role): Promise<string>;
	/** A client with a new token. */
	connect(role: Role, user?: UserAnswer, as?: Connect): Promise<TestClient>;
	/** Closes the clients that were made here, too. */
	stop(): Promise<void>;
}

/** As n8n's environment says that it keeps its queue in this Redis. */
export const queueIn = ({ port }: { readonly port: number }) => ({
	EXECUTIONS_MODE: 'queue',
	QUEUE_BULL_REDIS_HOST: '127.0.0.1',
	QUEUE_BULL_REDIS_PORT: `${port}`,
});

/**
 * @param settings as in the environment of n8n.
 * @param more of the configuration.
 */
export async function startMcpServer(
	settings: Readonly<Record<string, string>> = {},
	more: Partial<FullConfig> = {},
): Promise<TestMcpServer> {
	const stateFolder = more.stateFolder ?? (await mkdtemp(path.join(tmpdir(), 'bulwark-mcp-')));
	const read = readConfig(undefined, settings);
	const http = { ...read.http, ...more.http, port: await freePort() };
	const assumed = more.n8n ? { ...read.assumed, mainUrl: false } : read.assumed;
	const config: FullConfig = { ...read, assumed, ...more, name: 'test', stateFolder, http };
	const log: string[] = [];
	const server = await serve(config, (line) => void log.push(line));
	let tokens = 0;
	const token = async (role: Role) =>
		await createToken(tokenFolderOf(config), `${role} ${tokens++}`, role, 1);
	const clients: TestClient[] = [];
	return {
		url: server.url,
		config,
		log,
		token,
		connect: async (role, user, connect = connectModern) => {
			const client = await connect(server.url, await token(role), user);
			clients.push(client);
			return client;
		},
		stop: async () => {
			for (const client of clients) await client.close();
			await server.close();
			await rm(stateFolder, { recursive: true });
		},
	};
}
