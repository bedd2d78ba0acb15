import {
	cachedN8n,
	ensureCachedN8n,
	findN8n,
	type N8nCommand,
	readCachedN8n,
} from '../n8n/index.ts';
import type { Progress } from './progress.ts';

/** The n8n to start: one that is there, or the pinned one, installed into the cache if need be. */
export async function getN8n(
	projectRoot: string,
	progress: Progress,
	signal: AbortSignal,
): Promise<N8nCommand> {
	const found = await findN8n(process.env, (why) => progress.say(why));
	if (found) return found;
	const place = cachedN8n(projectRoot, process.env);
	const ready = readCachedN8n(place);
	if (ready) return ready;
	progress.say(`n8n is installed once, into ${place.folder} (about 2 GB).`);
	return await progress.during('Installing n8n', async (onProgress) => {
		return await ensureCachedN8n(place, { onProgress, signal });
	});
}
