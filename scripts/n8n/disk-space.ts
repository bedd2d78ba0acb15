import { statfs } from 'node:fs/promises';

import { Problem } from './problem.ts';

const GB = 1e9;

/** Throws when the disk of that folder has less than `neededGb` free. */
export async function needDiskSpace(folder: string, neededGb: number): Promise<void> {
	const { bavail, bsize } = await statfs(folder);
	const freeGb = (bavail * bsize) / GB;
	if (freeGb >= neededGb) return;
	throw new Problem(
		`n8n needs about ${neededGb} GB of disk; ${freeGb.toFixed(1)} GB are free in ${folder}.`,
		'Free some space, or set XDG_CACHE_HOME to a folder on a larger disk.',
	);
}
