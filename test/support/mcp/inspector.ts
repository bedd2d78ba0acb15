import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const PROGRAM = path.resolve(
	__dirname,
	'../../../node_modules/@modelcontextprotocol/inspector-cli/build/cli.js',
);

/**
 * Calls a method as a person does with MCP Inspector's command line.
 * @param target address of the server, or the command that starts it.
 * @param args the method, and what it is given.
 * @param env of the command that starts it.
 * @returns what the server answered.
 */
export async function inspect(
	target: readonly string[],
	args: readonly string[],
	env: NodeJS.ProcessEnv = {},
): Promise<any> {
	const { stdout } = await promisify(execFile)(
		process.execPath,
		[PROGRAM, '--cli', ...target, ...args],
		{
			// It reads its own version from where it stands.
			cwd: path.dirname(PROGRAM),
			env: { ...process.env, ...env },
		},
	);
	return JSON.parse(stdout);
}
