import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface PackageCount {
	there: number;
	total: number;
}

/** Counts, while npm installs, the packages of the folder's lockfile that are on the disk. */
export async function packageCounter(folder: string): Promise<() => Promise<PackageCount>> {
	const lockfile = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as {
		packages: Record<string, unknown>;
	};
	const missing = new Set(Object.keys(lockfile.packages).filter((path) => path !== ''));
	const total = missing.size;
	return async () => {
		for (const path of missing) {
			try {
				await access(join(folder, path, 'package.json'));
				missing.delete(path);
			} catch {
				// Not yet.
			}
		}
		return { there: total - missing.size, total };
	};
}
