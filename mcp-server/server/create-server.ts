import { McpServer, type ServerCapabilities } from '@modelcontextprotocol/server';

import { version } from '../../package.json';
import type { Offers } from '../offers';
import { registerPrompt } from './register-prompt';
import { registerResources } from './register-resources';
import { registerTool } from './register-tool';
import type { Asking, ToolHost } from './tool-host';

/** The server as one client, or one request, meets it: all that is offered, in the order of the names. */
export function createServer<Services>(
	{ tools, resources, prompts }: Offers<Services>,
	host: ToolHost<Services>,
	asking: Asking,
): McpServer {
	const server = new McpServer(
		{ name: 'bulwark', title: 'Bulwark', version },
		{ instructions: INSTRUCTIONS, capabilities: capabilitiesOf({ tools, resources, prompts }) },
	);
	for (const tool of tools) registerTool(server, tool, host, asking);
	for (const kind of resources) registerResources(server, kind, host, asking);
	for (const prompt of prompts) registerPrompt(server, prompt, host);
	return server;
}

/** What is offered stays the same while a server runs, so nobody need listen for changes. */
function capabilitiesOf(offers: Offers<never>): ServerCapabilities {
	const offered = (['tools', 'resources', 'prompts'] as const).filter(
		(of) => offers[of].length > 0,
	);
	return Object.fromEntries(offered.map((of) => [of, { listChanged: false }]));
}

const INSTRUCTIONS = [
	'Bulwark looks after an n8n in production: its workers, queue, executions and resilience policies.',
	'To change something, make a plan with a tool whose name begins with plan_, show its steps to the user, and pass its id to apply_plan within five minutes.',
	'Playbooks, as resources and prompts, say which tools to call for a trouble, in order.',
].join(' ');
