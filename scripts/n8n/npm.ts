import { delimiter, dirname } from 'node:path';

import { runCommand, type CommandOptions, type CommandResult } from './run-command.ts';

/** Settings that `npm run` hands to what it starts and that would steer an npm in another folder. */
const INHERITED =
	/^(npm_lifecycle_|npm_package_|npm_command$|npm_config_(local_prefix|ignore_scripts|legacy_peer_deps|prefix|omit|global)$|INIT_CWD$)/i;

/** Runs npm under the Node that runs this process. */
export async function runNpm(
	args: readonly string[],
	options: CommandOptions = {},
): Promise<CommandResult> {
	const env = npmEnvironment(options.env ?? process.env);
	const cli = env.npm_execpath;
	if (cli?.endsWith('npm-cli.js')) {
		return await runCommand(process.execPath, [cli, ...args], { ...options, env });
	}
	return await runCommand('npm', args, { ...options, env });
}

function npmEnvironment(from: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const env = Object.fromEntries(Object.entries(from).filter(([name]) => !INHERITED.test(name)));
	const path = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
	env[path] = [dirname(process.execPath), env[path] ?? ''].join(delimiter);
	return env;
}
