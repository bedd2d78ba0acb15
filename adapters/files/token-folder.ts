import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { ROLES, type AccessToken } from '../../core/access';
import { BulwarkError } from '../../core/errors';
import { namesIn } from './names-in';
import { StateUnwritableError, writeNew } from './write-whole';

/** What ids are made of, so that none leads to another folder. */
const ID = /^[A-Za-z0-9]{12}$/;

const schema = z.strictObject({
	id: z.string().regex(ID),
	name: z.string(),
	role: z.enum(ROLES),
	hash: z.string().length(64),
	createdAt: z.number(),
	expiresAt: z.number(),
});

/** A token's file, or the folder of all, cannot be used. Whoever brings that token is not let in. */
export class TokenFileError extends BulwarkError {
	readonly code = 'TOKEN_FILE_INVALID';
}

/**
 * Tokens as they are kept on disk: hashed, for the owner's eyes only, and each in a file of its own, so that those who
 * make and revoke tokens at the same time do not undo what the other has done.
 */
export class TokenFolder {
	constructor(private readonly folder: string) {}

	/** @throws {TokenFileError} when it is there but cannot be read. */
	async find(id: string): Promise<AccessToken | undefined> {
		if (!ID.test(id)) return undefined;
		const file = this.fileOf(id);
		try {
			return schema.parse(JSON.parse(await readFile(file, 'utf8')));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
			const invalid = new TokenFileError(
				`The token in ${file} cannot be read`,
				'Restore it from a backup, or delete it and make a new token',
			);
			throw Object.assign(invalid, { cause: error });
		}
	}

	/**
	 * All of them, those first that were made first.
	 * @throws {TokenFileError} when one cannot be read, or their folder cannot.
	 */
	async all(): Promise<readonly AccessToken[]> {
		const { tokens, unreadable } = await this.readable();
		if (unreadable[0]) throw unreadable[0];
		return tokens;
	}

	/**
	 * Those that can be read, those first that were made first, and of each other one why not.
	 * @throws {TokenFileError} when their folder cannot be read.
	 */
	async readable(): Promise<{
		readonly tokens: readonly AccessToken[];
		readonly unreadable: readonly TokenFileError[];
	}> {
		const names = await namesIn(this.folder).catch((error: Error) => {
			const unreadable = new TokenFileError(
				`The tokens in ${this.folder} cannot be read: ${error.message}`,
				'Let this process read that folder, or choose another by stateFolder',
			);
			throw Object.assign(unreadable, { cause: error });
		});
		const ids = names.flatMap((name) => (name.endsWith('.json') ? [path.parse(name).name] : []));
		const read = await Promise.allSettled(ids.map((id) => this.find(id)));
		return {
			tokens: read
				.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []))
				.sort((one, other) => one.createdAt - other.createdAt),
			unreadable: read.flatMap((one) =>
				one.status === 'rejected' ? [one.reason as TokenFileError] : [],
			),
		};
	}

	/** @returns false where there is one with that id. */
	async add(token: AccessToken): Promise<boolean> {
		return await writeNew(this.fileOf(token.id), `${JSON.stringify(token, null, '\t')}\n`);
	}

	async remove({ id }: Pick<AccessToken, 'id'>): Promise<void> {
		const file = this.fileOf(id);
		await rm(file, { force: true }).catch((error: unknown) => {
			throw new StateUnwritableError(file, error);
		});
	}

	private readonly fileOf = (id: string): string => path.join(this.folder, `${id}.json`);
}
