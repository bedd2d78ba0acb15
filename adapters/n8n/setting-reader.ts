import { readFileSync } from 'node:fs';

import { BulwarkError } from '../../core/errors';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The text of a setting; undefined where it is not set.
 * @throws {SettingFileError}
 */
export type Read = (name: string) => string | undefined;

/** A file that n8n's environment names for a setting cannot be read. */
export class SettingFileError extends BulwarkError {
	readonly code = 'SETTING_FILE_UNREADABLE';

	constructor(setting: string, cause: unknown) {
		super(
			`The file that ${setting} names cannot be read: ${(cause as Error).message}`,
			'Correct its path, or let this process read it',
		);
		this.cause = cause;
	}
}

/** Reads n8n's settings as n8n does: from `NAME_FILE` where `NAME` is not set. */
export const readerOf =
	(env: Environment): Read =>
	(name) =>
		env[name] ?? fromFile(`${name}_FILE`, env);

function fromFile(setting: string, env: Environment): string | undefined {
	const file = env[setting];
	if (!file) return undefined;
	try {
		return readFileSync(file, 'utf8').trim();
	} catch (error) {
		throw new SettingFileError(setting, error);
	}
}
