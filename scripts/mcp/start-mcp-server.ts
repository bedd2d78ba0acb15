import { mkdir, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { noteStarted, startServer, type StateFolder } from '../cli/index.ts';
import { freePort } from '../n8n/index.ts';

/** Taken where it is free, so that assistants find the server where they did. */
const MCP_PORT = 5685;

const CONFIG = 'mcp-server.json';

export interface McpServerSetup {
	state: StateFolder;
	/** n8n's folder in which Bulwark is installed. */
	userFolder: string;
	/** The environment of n8n's main process, by which it judges n8n's settings. */
	n8nEnv: NodeJS.ProcessEnv;
	/** Whom it may ask, in the words of its configuration. */
	settings: { n8n: { url: string }; [name: string]: unknown };
	logFile: string;
	/** Makes a key for n8n's API. Left out where nobody is logged in. */
	makeApiKey?: () => Promise<string>;
	signal: AbortSignal;
}

export interface RunningMcpServer {
	url: string;
	/** The program, and what it is called with. */
	program: string;
	configFile: string;
	stop(): Promise<void>;
}

interface Config {
	n8n?: { apiKey?: string };
	http?: { port?: number };
}

/** Starts the MCP server of the package that is installed in n8n, as users would beside theirs. */
export async function startMcpServer(setup: McpServerSetup): Promise<RunningMcpServer> {
	const { state, settings, logFile, signal } = setup;
	const last = await state.read<Config>(CONFIG);
	const port = await freePort(last?.http?.port ?? MCP_PORT);
	const apiKey = last?.n8n?.apiKey ?? (await setup.makeApiKey?.());
	await state.write(CONFIG, {
		...settings,
		n8n: { ...settings.n8n, ...(apiKey && { apiKey }) },
		stateFolder: state.file('mcp'),
		http: { port },
	});
	const configFile = state.file(CONFIG);
	const installed = join(setup.userFolder, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-bulwark');
	const program = join(installed, 'dist', 'mcp-server', 'main.js');
	await mkdir(dirname(logFile), { recursive: true });
	await truncate(logFile).catch(() => undefined);
	const base = `http://127.0.0.1:${port}`;
	const { stop } = await startServer({
		...{ name: 'the MCP server', logFile, signal, stopSignal: 'SIGTERM' },
		program: process.execPath,
		args: [program, 'serve', '--config', configFile],
		folder: state.path,
		env: setup.n8nEnv,
		onSpawned: async (pid) => await noteStarted(state, pid, 'mcp-server'),
		isReady: async () => await isThere(`${base}/healthz`),
	});
	return { url: `${base}/mcp`, program, configFile, stop };
}

async function isThere(url: string): Promise<boolean> {
	try {
		return (await fetch(url)).ok;
	} catch {
		return false;
	}
}
