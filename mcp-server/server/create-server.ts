import { McpServer } from '@modelcontextprotocol/server';

import { version } from '../../package.json';
import type { Tool } from '../tool';
import { registerTool, type Asking, type ToolHost } from './register-tool';

/** The server as one client, or one request, meets it: all tools, in the order of their names. */
export function createServer<Services>(
	tools: ReadonlyArray<Tool<Services>>,
	host: ToolHost<Services>,
	asking: Asking,
): McpServer {
	const server = new McpServer(
		{ name: 'bulwark', title: 'Bulwark', version },
		{ instructions: INSTRUCTIONS },
	);
	for (const tool of tools) registerTool(server, tool, host, asking);
	return server;
}

const INSTRUCTIONS = [
	'Bulwark looks after an n8n in production: its workers, queue, executions and resilience policies.',
	'To change something, make a plan with a tool whose name begins with plan_, show its steps to the user, and pass its id to apply_plan within five minutes.',
].join(' ');
