import { join } from 'node:path';

import {
	cachedN8n,
	ensureCachedN8n,
	findN8n,
	type N8nCommand,
	packPackage,
} from '../scripts/n8n/index';
import {
	type StackOptions,
	startTemporaryStack,
	type TemporaryStack,
} from '../scripts/stack/index';

const ROOT = join(import.meta.dirname, '..');

const onProgress = (text: string) => process.stderr.write(`${text}\n`);

/** The n8n that `npm start` would use. */
export const benchN8n = async (): Promise<N8nCommand> =>
	(await findN8n(process.env, onProgress)) ??
	(await ensureCachedN8n(cachedN8n(ROOT, process.env), { onProgress }));

/** That, and the package, packed as it would be published. */
export async function n8nAndBulwark(): Promise<{ n8n: N8nCommand; tarball: string }> {
	const n8n = await benchN8n();
	return { n8n, tarball: await packPackage(ROOT, { onProgress }) };
}

/** n8n in queue mode, with the package installed as users install it. */
export async function startBenchStack(
	options: Pick<StackOptions, 'workers' | 'concurrency' | 'env'>,
): Promise<TemporaryStack> {
	const { n8n, tarball } = await n8nAndBulwark();
	return await startTemporaryStack({ n8n, tarballs: [tarball], ...options });
}
