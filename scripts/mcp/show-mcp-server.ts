import type { RunningMcpServer } from './start-mcp-server.ts';

/** How an assistant is connected, as a person reads it. */
export function showMcpServer({ url, program, configFile }: RunningMcpServer): string[] {
	const args = [program, '--config', configFile];
	const command = [process.execPath, program].map(quoted).join(' ');
	return [
		`The MCP server for assistants:  ${url}`,
		'  A token for it:',
		`    ${command} token create --name me --role operator --config ${quoted(configFile)}`,
		'  Or, without a token, in the configuration of an assistant:',
		`    ${JSON.stringify({ command: process.execPath, args })}`,
		'',
	];
}

const quoted = (path: string): string =>
	/^[\w./:@-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
