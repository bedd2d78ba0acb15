import { SourceUnavailableError } from '../../core/stack';

/** What is read of an error, wherever it was made. */
interface Raised {
	readonly message?: unknown;
	/** Of the system. */
	readonly code?: unknown;
	/** Of SQLite. */
	readonly errcode?: unknown;
}

const unavailable = (why: string, remedy: string): SourceUnavailableError =>
	new SourceUnavailableError('database', why, remedy);

/** Says what is wrong with the file, and what to do. */
export function explain(error: unknown, path: string): SourceUnavailableError {
	if (error instanceof SourceUnavailableError) return error;
	const { message, code, errcode } = (error ?? {}) as Raised;
	const text = String(message ?? error);
	if (code === 'ENOENT')
		return unavailable(
			`There is no file ${path}`,
			"Correct the path of n8n's database file; it is in the folder .n8n of N8N_USER_FOLDER",
		);
	if (code === 'EACCES')
		return unavailable(`${path} may not be read`, 'Run this as the user that n8n runs as');
	// The lower byte is the kind, the rest its details.
	switch (Number(errcode ?? 0) & 0xff) {
		case 5:
		case 6:
			return unavailable(
				`${path} is locked by another process`,
				'Try again; if it stays so, look for a program that keeps a transaction open',
			);
		case 8:
			return unavailable(`${path} may not be changed`, 'Run this as the user that n8n runs as');
		case 11:
		case 26:
			return unavailable(
				`${path} is damaged, or no SQLite database: ${text}`,
				'Restore it from a backup, or correct the path',
			);
		case 14:
			return unavailable(
				`${path} cannot be opened: ${text}`,
				'Run this as the user that n8n runs as: SQLite needs to write the -shm file beside it',
			);
	}
	if (text.startsWith('no such table'))
		return unavailable(
			`n8n's table is not there: ${text}`,
			'Check the path and the table prefix (DB_TABLE_PREFIX), and that n8n has been started once',
		);
	if (text.startsWith('no such column'))
		return unavailable(
			`n8n's tables are not those of a version that Bulwark knows: ${text}`,
			'Update the older one of n8n and Bulwark: this Bulwark was made for n8n 2.41 and later',
		);
	return unavailable(`SQLite could not read ${path}: ${text}`, 'Read what it says');
}
