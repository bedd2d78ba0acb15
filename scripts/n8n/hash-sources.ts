import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A hash of files and of all files under folders; what is missing counts as empty. */
export async function hashSources(root: string, paths: readonly string[]): Promise<string> {
	const hash = createHash('sha256');
	for (const path of [...paths].sort()) {
		for (const file of await filesUnder(root, path)) {
			hash
				.update(`${file}\0`)
				.update(await readFile(join(root, file)))
				.update('\0');
		}
	}
	return hash.digest('hex').slice(0, 16);
}

/** The file itself, or the files under a folder, by their paths from `root`, sorted. */
export async function filesUnder(root: string, path: string): Promise<string[]> {
	try {
		const entries = await readdir(join(root, path), { withFileTypes: true, recursive: true });
		return entries
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
			.sort();
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'ENOTDIR') return [path];
		if (code === 'ENOENT') return [];
		throw error;
	}
}
