import { readdir } from 'node:fs/promises';

/** What a folder holds, by name; nothing when there is no such folder. Fails when it is there but cannot be read. */
export async function namesIn(folder: string): Promise<string[]> {
	try {
		return (await readdir(folder)).sort();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
		throw error;
	}
}
