import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { ROLES, type AccessToken } from '../../core/access';
import { BulwarkError } from '../../core/errors';
import { writeWhole } from './write-whole';

const schema = z.strictObject({
	tokens: z.array(
		z.strictObject({
			id: z.string(),
			name: z.string(),
			role: z.enum(ROLES),
			hash: z.string().length(64),
			createdAt: z.number(),
			expiresAt: z.number(),
		}),
	),
});

/** The file of tokens cannot be used. Nobody is let in. */
export class TokenFileError extends BulwarkError {
	readonly code = 'TOKEN_FILE_INVALID';
}

/** Tokens as they are kept on disk: hashed, and for the owner's eyes only. */
export class TokenFile {
	constructor(private readonly file: string) {}

	/** @throws {TokenFileError} when it is there but cannot be read. */
	async read(): Promise<readonly AccessToken[]> {
		let text: string;
		try {
			text = await readFile(this.file, 'utf8');
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
			throw this.invalid(error);
		}
		try {
			return schema.parse(JSON.parse(text)).tokens;
		} catch (error) {
			throw this.invalid(error);
		}
	}

	/** Replaces all of them. */
	async write(tokens: readonly AccessToken[]): Promise<void> {
		await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
		await writeWhole(this.file, `${JSON.stringify({ tokens }, null, '\t')}\n`);
	}

	private invalid(cause: unknown): TokenFileError {
		const error = new TokenFileError(
			`The file of tokens ${this.file} cannot be read`,
			'Restore it from a backup, or delete it and make new tokens',
		);
		return Object.assign(error, { cause });
	}
}
