import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { StateFolder } from '../../scripts/cli/index.ts';
import {
	deletePostgresFolder,
	findServerPrograms,
	type Stack,
	STACK_FOLDER,
	type StackOptions,
	startStack,
} from '../../scripts/stack/index.ts';
import { bulwarkTarball, realN8n } from './n8n-instance';
import { postgres, redisServer } from './system-program';

/** A stack of a test's own. */
export interface TestStack {
	readonly stack: Stack;
	/** Holds everything that it writes, logs included. */
	readonly folder: string;
	/** Stops it and deletes what it wrote. */
	stop(): Promise<void>;
}

/** Starts a stack for tests, with Bulwark installed as users install it. Stop it in `afterAll`. */
export async function startTestStack(
	options: Pick<StackOptions, 'workers' | 'concurrency' | 'env' | 'onChange'>,
): Promise<TestStack> {
	await installServerPrograms();
	const [n8n, tarball] = [await realN8n(), await bulwarkTarball()];
	const root = await mkdtemp(join(tmpdir(), 'bulwark-stack-'));
	const state = new StateFolder(root, {}, STACK_FOLDER);
	const clear = async () => {
		await deletePostgresFolder(state);
		await rm(root, { recursive: true, force: true, maxRetries: 3 });
	};
	try {
		await state.create();
		const programs = await findServerPrograms(process.env);
		const stack = await startStack({ n8n, programs, state, tarballs: [tarball], ...options });
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

/** Lets apt install what a stack needs of the system, where it is missing. */
export async function installServerPrograms(): Promise<void> {
	await redisServer();
	await postgres();
}
