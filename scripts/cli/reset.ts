import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';

import { Problem } from '../n8n/index.ts';
import type { StateFolder } from './state-folder.ts';

/** Deletes the state folder, after asking unless `confirmed`, and before it what lies elsewhere. */
export async function reset(
	state: StateFolder,
	confirmed: boolean,
	signal: AbortSignal,
	deleteElsewhere?: () => Promise<void>,
): Promise<void> {
	if (!existsSync(state.path)) return;
	if (!confirmed && !(await isConfirmed(state.path, signal))) {
		throw new Problem('Nothing was deleted.', 'Start without --reset to keep what is there.');
	}
	await deleteElsewhere?.();
	await rm(state.path, { recursive: true, force: true, maxRetries: 3 });
}

async function isConfirmed(path: string, signal: AbortSignal): Promise<boolean> {
	if (!process.stdin.isTTY) {
		throw new Problem(`--reset deletes ${path}, your workflows included.`, 'Add --yes to do so.');
	}
	const terminal = createInterface({ input: process.stdin, output: process.stdout });
	try {
		const question = `Delete ${path} with n8n's database, your workflows and the login? [y/N] `;
		return /^y(es)?$/i.test(await terminal.question(question, { signal }));
	} finally {
		terminal.close();
	}
}
