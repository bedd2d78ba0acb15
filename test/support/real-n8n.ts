import { resolve } from 'node:path';

import { cachedN8n, ensureCachedN8n, findN8n, type N8nCommand } from '../../scripts/n8n/index.ts';
import { sayNowAndThen } from './say-now-and-then';

const PROJECT = resolve(__dirname, '../..');

/** The n8n that `npm start` would use; installed into the cache when there is none. */
export async function realN8n(signal?: AbortSignal): Promise<N8nCommand> {
	const say = sayNowAndThen('n8n for tests');
	const found = await findN8n(process.env, say);
	if (found) return found;
	const place = cachedN8n(PROJECT, process.env);
	return await ensureCachedN8n(place, { onProgress: say, signal });
}
