import { BulwarkError } from '../errors';
import type { SourceName } from './source-name';

/** What a source said, or why nothing is known of it. */
export type Reading<T> =
	| { readonly isKnown: true; readonly value: T }
	| {
			readonly isKnown: false;
			readonly source: SourceName;
			readonly why: string;
			readonly remedy: string;
	  };

/** What a source said; undefined where nothing is known of it. */
export const valueOf = <T>(reading: Reading<T>): T | undefined =>
	reading.isKnown ? reading.value : undefined;

/** What a source said. @throws {SourceUnavailableError} where nothing is known of it. */
export function knownOf<T>(reading: Reading<T>): T {
	if (reading.isKnown) return reading.value;
	const { source, why, remedy } = reading;
	const what = why === NOT_CONFIGURED ? `Source "${source}" is ${why}` : why;
	throw new SourceUnavailableError(source, what, remedy);
}

/** Why nothing is known of a source that no setting names. */
export const NOT_CONFIGURED = 'not configured';

/** By which setting of the MCP server each source is named. */
export const SETTING_OF: Readonly<Record<SourceName, string>> = {
	queue: 'Set "redis" where n8n runs in queue mode',
	redis: 'Set "redis" where n8n runs in queue mode',
	'instance registry': 'Set "redis" where n8n runs in queue mode',
	workers: 'Set "redis" where n8n runs in queue mode',
	database: 'Set "database", or run with the environment of n8n',
	'n8n api': 'Set "n8n.apiKey"',
	'n8n metrics': 'Set "n8n.url"',
	policies: 'Set "redis", or "policies.redis" where steps use another one',
	"n8n's settings": 'Run with the environment of n8n',
};

/** A source cannot be asked now. */
export class SourceUnavailableError extends BulwarkError {
	readonly code = 'SOURCE_UNAVAILABLE';

	constructor(
		readonly source: SourceName,
		why: string,
		remedy: string,
	) {
		super(why, remedy);
	}
}

/** Asks a source. What goes wrong with it is an answer too; only a cancelled call throws. */
export async function readFrom<Source, T>(
	name: SourceName,
	source: Source | undefined,
	ask: (source: Source) => T | Promise<T>,
	signal?: AbortSignal,
): Promise<Reading<T>> {
	if (source === undefined) return unknown(name, NOT_CONFIGURED, SETTING_OF[name]);
	try {
		return { isKnown: true, value: await ask(source) };
	} catch (error) {
		signal?.throwIfAborted();
		if (error instanceof BulwarkError) return unknown(name, error.message, error.remedy);
		return unknown(name, (error as Error).message, 'bulwark-mcp doctor says more');
	}
}

const unknown = (source: SourceName, why: string, remedy: string) =>
	({ isKnown: false, source, why, remedy }) as const;
