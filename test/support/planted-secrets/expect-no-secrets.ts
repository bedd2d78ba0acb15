import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { secretsIn } from './secrets-in';

/** Fails without repeating what it found. */
export function expectNoSecrets(where: string, content: string | Buffer): void {
	const found = secretsIn(content);
	if (found.length > 0) throw new Error(`${where} holds ${found.join(' and ')}`);
}

/** @param kept says of a path which files or folders are to hold secrets, or are none of the test's */
export async function expectNoSecretsUnder(
	folder: string,
	kept: (path: string) => boolean,
): Promise<void> {
	for (const entry of await readdir(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (kept(path)) continue;
		if (entry.isDirectory()) await expectNoSecretsUnder(path, kept);
		else if (entry.isFile()) expectNoSecrets(path, await readFile(path));
	}
}
