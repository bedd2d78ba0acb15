import type { CommandResult } from './run-command.ts';
import { Problem } from './problem.ts';

const NO_NETWORK =
	/\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/;
const NO_COMPILER = /gyp ERR!|node-gyp|not found: make|Could not find any Python/;

/** What went wrong in an npm command, in words, with what to do. */
export function npmProblem(doing: string, { code, output }: CommandResult): Problem {
	const end = output.trim().split('\n').slice(-15).join('\n');
	const text = `${doing} failed (npm ended with ${code ?? 'a signal'}):\n${end}`;
	if (/\bENOSPC\b/.test(output)) {
		return new Problem(text, 'The disk is full: free some space and start again.');
	}
	if (NO_COMPILER.test(output)) {
		return new Problem(
			text,
			'A native module had to be compiled: install python3, make and g++ (Debian: apt-get install python3 make g++; macOS: xcode-select --install) and start again.',
		);
	}
	if (NO_NETWORK.test(output)) {
		return new Problem(
			text,
			"npm's registry cannot be reached: check the connection, and a proxy with `npm config get proxy` and `npm config get registry`, then start again.",
		);
	}
	return new Problem(text, 'The lines above are the end of what npm said.');
}
