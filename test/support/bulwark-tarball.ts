import { resolve } from 'node:path';

import { packPackage } from '../../scripts/n8n/index.ts';
import { sayNowAndThen } from './say-now-and-then';

const PROJECT = resolve(__dirname, '../..');

/** Bulwark, built and packed as it would be published; packed anew when its sources have changed. */
export async function bulwarkTarball(signal?: AbortSignal): Promise<string> {
	return await packPackage(PROJECT, { onProgress: sayNowAndThen('Bulwark for tests'), signal });
}
