import {
	CLOCKS_AGREE_MS,
	clockReadings,
	n8nClocks,
	widthOf,
	type ClockTellers,
	type N8nClocks,
} from '../../clocks';
import { shownTimespan } from './shown-timespan';
import { readFrom, valueOf, type StackSources } from '../../stack';
import type { Gap } from './gap';

/** How n8n's clocks go, by what a look has asked anyway; the database is asked where that does not tell. */
export async function n8nTime(
	tellers: Pick<ClockTellers, 'instances' | 'processes'>,
	{ queueMode, database }: StackSources,
): Promise<N8nClocks> {
	const mode = queueMode ? 'queue' : 'regular';
	const clocks = n8nClocks(clockReadings(tellers), mode);
	if (clocks.areRead) return clocks;
	const clock = valueOf(await readFrom('database', database?.server, (server) => server.clock()));
	return n8nClocks(clockReadings({ ...tellers, database: { clock } }), mode);
}

/** What is not known where clocks do not agree. */
export function clockGaps({ main, any, areRead }: N8nClocks): Gap[] {
	const apartMs = Math.max(widthOf(main), widthOf(any));
	if (apartMs <= CLOCKS_AGREE_MS) return [];
	const apart = shownTimespan(apartMs);
	return [
		{
			source: areRead ? 'instance registry' : 'n8n metrics',
			why: areRead
				? `the clocks of n8n's processes are up to ${apart} apart`
				: `it is not known what time it is for n8n, and known clocks are up to ${apart} apart`,
			cannotKnow: `whether executions are over their time by less than that, so they are called lost ${apart} later (keep all clocks by NTP)`,
		},
	];
}
