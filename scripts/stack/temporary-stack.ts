import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { StateFolder } from '../cli/index.ts';
import { deletePostgresFolder } from './postgres-folder.ts';
import { findServerPrograms } from './server-programs.ts';
import { STACK_FOLDER } from './stack-folder.ts';
import type { Stack } from './stack.ts';
import type { StackOptions } from './stack-options.ts';
import { startStack } from './start-stack.ts';

/** A stack that leaves nothing. */
export interface TemporaryStack {
	readonly stack: Stack;
	/** Where it keeps everything but its database. */
	readonly folder: string;
	/** Stops it and deletes all that it wrote. */
	stop(): Promise<void>;
}

/** Starts a stack in a folder of its own, for a test or a benchmark. */
export async function startTemporaryStack(
	options: Omit<StackOptions, 'state' | 'programs'>,
): Promise<TemporaryStack> {
	const programs = await findServerPrograms(process.env);
	const root = await mkdtemp(join(tmpdir(), 'bulwark-stack-'));
	const state = new StateFolder(root, {}, STACK_FOLDER);
	const clear = async () => {
		await deletePostgresFolder(state);
		await rm(root, { recursive: true, force: true, maxRetries: 3 });
	};
	try {
		await state.create();
		const stack = await startStack({ ...options, programs, state });
		const stop = async () => {
			await stack.stop();
			await clear();
		};
		return { stack, folder: state.path, stop };
	} catch (error) {
		await clear();
		throw error;
	}
}
