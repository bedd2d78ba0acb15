import {
	type StackOptions,
	startTemporaryStack,
	type TemporaryStack,
} from '../../scripts/stack/index.ts';
import { bulwarkTarball } from './n8n-instance';
import { realN8n } from './real-n8n';
import { postgres, redisServer } from './system-program';

/** Starts a stack for tests, with Bulwark installed as users install it. Stop it in `afterAll`. */
export async function startTestStack(
	options: Pick<StackOptions, 'workers' | 'concurrency' | 'env'>,
): Promise<TemporaryStack> {
	await installServerPrograms();
	const [n8n, tarball] = [await realN8n(), await bulwarkTarball()];
	return await startTemporaryStack({ n8n, tarballs: [tarball], ...options });
}

/** Lets apt install what a stack needs of the system, where it is missing. */
export async function installServerPrograms(): Promise<void> {
	await redisServer();
	await postgres();
}
