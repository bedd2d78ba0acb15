import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { StateFolder } from '../cli/index.ts';
import { answersJson, launchN8n, type N8nCommand, type N8nRole } from '../n8n/index.ts';
import { Member, type MemberSetup } from './member.ts';

/** How long an n8n process may take to say that it is well. */
const ANSWER_TIMEOUT_MS = 5000;

export interface N8nMemberSetup extends Pick<
	MemberSetup,
	'name' | 'role' | 'port' | 'logFile' | 'onSpawned' | 'onChange'
> {
	n8n: N8nCommand;
	n8nRole: N8nRole;
	brokerPort: number;
	state: StateFolder;
	env: NodeJS.ProcessEnv;
}

/** n8n's folder of a process: each has its own, as each would have on a machine of its own. */
export const userFolderOf = (state: StateFolder, name: string): string =>
	state.file(join('n8n', name));

/** An n8n process of the stack, with the packages that are installed for `main`. */
export function n8nMember(setup: N8nMemberSetup): Member {
	const { n8n, n8nRole, port, brokerPort, logFile, env } = setup;
	const userFolder = userFolderOf(setup.state, setup.name);
	return new Member({
		...setup,
		launch: async (onSpawned, signal) => {
			if (setup.role !== 'main') await copyPackages(userFolderOf(setup.state, 'main'), userFolder);
			return await launchN8n({
				...{ n8n, role: n8nRole, userFolder, port, brokerPort, logFile, env },
				...{ onSpawned, signal },
			});
		},
		answers: async () => {
			const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
			return await answersJson(`http://127.0.0.1:${port}`, n8nRole.readyPaths, signal);
		},
	});
}

async function copyPackages(from: string, to: string): Promise<void> {
	const packages = join('.n8n', 'nodes');
	await mkdir(join(to, '.n8n'), { recursive: true, mode: 0o700 });
	await rm(join(to, packages), { recursive: true, force: true });
	await cp(join(from, packages), join(to, packages), { recursive: true, verbatimSymlinks: true });
}
