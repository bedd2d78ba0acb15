import type { StackMonitor, WorkerVerdict } from '../health';
import { quoted } from '../one-line';
import { knownOf } from '../stack';
import type { Trouble } from './events-between';
import { IN_ORDER, type Sighting } from './look';
import type { Sights, Watch } from './watch';

/** What a worker does that takes jobs, or is about to, or asks for no more. */
const WELL: ReadonlySet<WorkerVerdict['state']> = new Set([
	'starting',
	'idle',
	'working',
	'saturated',
	'stopping',
]);

/** Sees workers turn zombie. They are judged by several looks, so it must look every 20 s at least. */
export class WorkerWatch implements Watch {
	readonly source = 'workers';

	constructor(private readonly monitor: Pick<StackMonitor, 'observe'>) {}

	async look(troubles: readonly Trouble[]): Promise<Sights> {
		const { look, workers } = await this.monitor.observe();
		for (const needed of [look.instances, look.statuses, look.clients]) knownOf<unknown>(needed);
		const known = new Set(troubles.flatMap(({ kind, id }) => (kind === 'worker' ? [id] : [])));
		const sightings = workers.flatMap((worker) => sightingOf(worker, known) ?? []);
		return { sightings, whole: ['worker'] };
	}
}

function sightingOf(
	{ id, hostId, pool, state, process, evidence, running }: WorkerVerdict,
	known: ReadonlySet<string>,
): Sighting | undefined {
	// What is not told by this look is as it was before; whoever has ended is none any more.
	const isAsBefore = state !== 'zombie' && !WELL.has(state) && process !== 'ended';
	if (isAsBefore && !known.has(id)) return undefined;
	const isZombie = state === 'zombie' || isAsBefore;
	return {
		kind: 'worker',
		id,
		title: `worker ${quoted(hostId)}`,
		condition: isZombie ? 'zombie' : IN_ORDER.worker,
		evidence: {
			...{ hostId, pool, state, process },
			running: running?.map(({ executionId }) => executionId) ?? [],
			says: evidence.map(({ source, says }) => `${source}: ${says}`),
		},
	};
}
