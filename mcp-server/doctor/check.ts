import { BulwarkError } from '../../core/errors';
import type { Clock } from '../../core/ports';
import type { Finding } from './finding';

/** What a source answers that lacks something, or that nobody was asked whom anybody has set. */
export interface Lack {
	/** Default: `partly`. */
	readonly status?: 'partly' | 'missing';
	readonly says: string;
	readonly consequence: string;
	readonly remedy: string;
}

/** One source, and how to find out whether it answers. */
export interface Check {
	readonly source: string;
	/** What cannot be known, or done, without it. */
	readonly consequence: string;
	/** Where it is not configured: why, and what to set. */
	readonly missing?: { readonly says: string; readonly remedy: string };
	/** Fails where it does not answer. */
	ask?(): Promise<string | Lack>;
}

/** Asks one source. Never fails. */
export async function runCheck(
	{ source, consequence, missing, ask }: Check,
	clock: Clock,
): Promise<Finding> {
	const startedAt = clock.now();
	const durationMs = () => clock.now() - startedAt;
	if (missing || !ask)
		return {
			source,
			status: 'missing',
			durationMs: 0,
			says: missing?.says ?? 'not configured',
			consequence,
			remedy: missing?.remedy,
		};
	try {
		const answer = await ask();
		return typeof answer === 'string'
			? { source, status: 'reached', durationMs: durationMs(), says: answer }
			: { source, status: 'partly', durationMs: durationMs(), ...answer };
	} catch (error) {
		const remedy =
			error instanceof BulwarkError
				? error.remedy
				: 'Look up the message; docs/mcp-server.md tells what the server needs';
		return {
			source,
			status: 'failed',
			durationMs: durationMs(),
			says: (error as Error).message,
			consequence,
			remedy,
		};
	}
}
