import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { Finding } from '../../../mcp-server/doctor';
import { knowSecret } from '../planted-secrets';
import { connectModern, type TestClient } from './mcp-clients';

const run = promisify(execFile);

/** The MCP server's command line, as `npm start` or `npm run stack` prints it. */
function commandIn(output: string): { url: string; program: string; args: string[] } {
	const url = /^The MCP server for assistants: +(\S+)$/m.exec(output)?.[1];
	const configuration = /^ +(\{"command":.*\})$/m.exec(output)?.[1];
	if (!url || !configuration) throw new Error(`No MCP server is told of in:\n${output}`);
	const { command, args } = JSON.parse(configuration) as { command: string; args: string[] };
	return { url, program: command, args };
}

/** Makes a token as a person would, and connects to the server that listens. */
export async function connectToStarted(output: string): Promise<TestClient> {
	const { url, program, args } = commandIn(output);
	const create = ['token', 'create', '--name', 'test', '--role', 'viewer'];
	const { stdout } = await run(program, [...args, ...create]);
	const token = stdout.trim();
	knowSecret('a token', token);
	return await connectModern(url, token);
}

/** What the doctor finds with the settings that were made. */
export async function doctorOfStarted(
	output: string,
): Promise<{ isSound: boolean; findings: Finding[] }> {
	const { program, args } = commandIn(output);
	const { stdout } = await run(program, [...args, 'doctor', '--json']).catch(
		(error: { stdout: string }) => error,
	);
	return JSON.parse(stdout) as { isSound: boolean; findings: Finding[] };
}
