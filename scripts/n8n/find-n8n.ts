import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { isNewEnough, OLDEST_N8N, readN8n, type N8nCommand } from './n8n-command.ts';
import { nodeForN8n } from './node-for-n8n.ts';
import { Problem } from './problem.ts';

/**
 * An n8n that is already there: the one that BULWARK_N8N names, else one on PATH that is new enough.
 * What BULWARK_N8N names must do; what is on PATH may be passed over, which `onPassedOver` is told.
 */
export async function findN8n(
	env: NodeJS.ProcessEnv,
	onPassedOver: (why: string) => void,
): Promise<N8nCommand | undefined> {
	const path = env.PATH ?? env.Path ?? '';
	if (env.BULWARK_N8N) return await namedN8n(env.BULWARK_N8N, path);
	for (const executable of executablesOn(path)) {
		const found = readOrUndefined(executable);
		if (!found) continue;
		const { script, version } = found;
		if (!isNewEnough(version)) {
			onPassedOver(`n8n ${version} on PATH is older than ${OLDEST_N8N}: not used`);
			continue;
		}
		const node = await nodeForN8n(script, path);
		if (node) return { node, script, version };
		onPassedOver(`n8n ${version} on PATH was built for another Node: not used`);
	}
	return undefined;
}

async function namedN8n(executable: string, path: string): Promise<N8nCommand> {
	const { script, version } = readN8n(executable);
	if (!isNewEnough(version)) {
		throw new Problem(
			`BULWARK_N8N names n8n ${version}; Bulwark needs ${OLDEST_N8N} or newer.`,
			'Update that n8n, or unset BULWARK_N8N to have one installed.',
		);
	}
	const node = await nodeForN8n(script, path);
	if (node) return { node, script, version };
	throw new Problem(
		`The n8n that BULWARK_N8N names was built for another Node than ${process.version}.`,
		'Put the Node that it was installed with on PATH, or run `npm rebuild` in its folder.',
	);
}

function executablesOn(path: string): string[] {
	const names = process.platform === 'win32' ? ['n8n.cmd'] : ['n8n'];
	return path
		.split(delimiter)
		.flatMap((folder) => names.map((name) => join(folder, name)))
		.filter((file) => existsSync(file));
}

function readOrUndefined(executable: string): ReturnType<typeof readN8n> | undefined {
	try {
		return readN8n(executable);
	} catch {
		return undefined;
	}
}
