import { BulwarkError } from '../errors';
import type { SourceName } from '../stack';
import type { Trouble } from './events-between';
import { IN_ORDER, type Look, type Sighting } from './look';

/** What one source shows at one look. */
export type Sights = Omit<Look, 'at'>;

/** Looks at part of the stack, again and again. */
export interface Watch {
	readonly source: SourceName;
	/**
	 * @param troubles what was out of order before, of this part and of others.
	 * @throws what the source does, where it cannot be asked.
	 */
	look(troubles: readonly Trouble[], signal: AbortSignal): Promise<Sights>;
}

/** One look by all watches. A source that cannot be asked is seen as lost; what only it knows stays as it was. */
export async function lookAround(
	watches: readonly Watch[],
	troubles: readonly Trouble[],
	at: number,
	signal: AbortSignal,
): Promise<Look> {
	const all = await Promise.all(watches.map((watch) => sightsOf(watch, troubles, signal)));
	return {
		at,
		sightings: all.flatMap(({ sightings }) => sightings),
		whole: all.flatMap(({ whole }) => whole),
	};
}

async function sightsOf(
	watch: Watch,
	troubles: readonly Trouble[],
	signal: AbortSignal,
): Promise<Sights> {
	const { source } = watch;
	try {
		const { sightings, whole } = await watch.look(troubles, signal);
		return { whole, sightings: [sourceSeen(source, IN_ORDER.source, {}), ...sightings] };
	} catch (error) {
		signal.throwIfAborted();
		const why = (error as Error).message;
		const remedy = error instanceof BulwarkError ? error.remedy : undefined;
		const evidence = { why, ...(remedy !== undefined && { remedy }) };
		return { whole: [], sightings: [sourceSeen(source, 'lost', evidence)] };
	}
}

const sourceSeen = (
	source: SourceName,
	condition: string,
	evidence: Sighting['evidence'],
): Sighting => ({ kind: 'source', id: source, title: `source "${source}"`, condition, evidence });
