import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
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
	try {
		await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
		await replace(file, text);
	} catch (error) {
		throw new StateUnwritableError(file, error);
	}
}

async function replace(file: string, text: string): Promise<void> {
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
