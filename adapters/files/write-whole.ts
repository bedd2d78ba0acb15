import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/** For the owner alone: what is kept here lets others in. */
const OWNER_ONLY = 0o600;

/** Replaces a file by one with this text: readers see the old one or the new one, also after a crash. */
export async function writeWhole(file: string, text: string): Promise<void> {
	const draft = `${file}.${randomUUID()}`;
	try {
		const handle = await open(draft, 'wx', OWNER_ONLY);
		try {
			await handle.writeFile(text);
			await handle.sync();
		} finally {
			await handle.close();
		}
		await rename(draft, file);
	} finally {
		await rm(draft, { force: true });
	}
}
