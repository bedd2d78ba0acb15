import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { BulwarkError } from '../../core/errors';

/** For the owner alone: what is kept here lets others in. */
const OWNER_ONLY = 0o600;

/** What must be kept cannot be. */
export class StateUnwritableError extends BulwarkError {
	readonly code = 'STATE_UNWRITABLE';

	constructor(what: string, cause: unknown) {
		super(
			`${what} cannot be written: ${(cause as Error).message}`,
			'Make room there and let this process write, or choose another folder ("stateFolder" in the configuration of the MCP server, BULWARK_STATE_FOLDER for n8n)',
		);
		this.cause = cause;
	}
}

/**
 * Replaces a file by one with this text, and makes its folder: readers see the old one or the new one, also after a crash.
 * @throws {StateUnwritableError}
 */
export async function writeWhole(file: string, text: string): Promise<void> {
	await write(file, text, rename);
}

/**
 * The same where there is no such file yet. Of several who do so at once one does.
 * @returns whether it was this one.
 * @throws {StateUnwritableError}
 */
export async function writeNew(file: string, text: string): Promise<boolean> {
	let isNew = true;
	await write(file, text, async (draft) => {
		await link(draft, file).catch(async (error: NodeJS.ErrnoException) => {
			if (error.code === 'EEXIST') isNew = false;
			// Not all file systems have links.
			else await rename(draft, file);
		});
	});
	return isNew;
}

/** How what was written beside a file becomes that file. */
type Place = (draft: string, file: string) => Promise<void>;

async function write(file: string, text: string, place: Place): Promise<void> {
	try {
		await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
		await writeBeside(file, text, place);
	} catch (error) {
		throw new StateUnwritableError(file, error);
	}
}

async function writeBeside(file: string, text: string, place: Place): Promise<void> {
	const draft = `${file}.${randomUUID()}`;
	try {
		const handle = await open(draft, 'wx', OWNER_ONLY);
		try {
			await handle.writeFile(text);
			await handle.sync();
		} finally {
			await handle.close();
		}
		await place(draft, file);
	} finally {
		await rm(draft, { force: true });
	}
}
