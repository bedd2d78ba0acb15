import type { Evidence } from './worker-verdict';
import type { WorkerRecord } from './worker-record';
import { ownedBy, type WorkerSight } from './worker-sight';
import type { WorkersLook } from './workers-look';

/** Whether a worker's process lives, and who says so. */
export interface ProcessLife {
	readonly process: 'lives' | 'ended' | 'not known';
	readonly evidence: readonly Evidence[];
}

/**
 * @param isStillListed whether it has reported itself since it is gone.
 * @param workersKnown how many workers are known.
 * @param gone how many workers neither answer nor take jobs.
 */
export function lifeOf(
	look: WorkersLook,
	{ record, answer, taker }: WorkerSight,
	isStillListed: boolean,
	workersKnown: number,
	gone: number,
): ProcessLife {
	if (answer) return lives({ source: 'workers', says: 'it answers' });
	if (taker.kind === 'seen') return { process: 'not known', evidence: [] };
	const others = ownedBy(look, record)?.clients.length ?? 0;
	if (others > 0)
		return lives({ source: 'redis', says: `it has ${others} other connections to Redis` });
	if (isStillListed) return lives({ source: 'instance registry', says: 'it still reports itself' });
	return byHealth(look, record, workersKnown, gone);
}

/** By health endpoints: its own where the address is its, else by how many answer. */
function byHealth(
	look: WorkersLook,
	{ status, isMissed }: WorkerRecord,
	workersKnown: number,
	gone: number,
): ProcessLife {
	const nobodySays = { process: 'not known', evidence: [] } as const;
	if (!look.processes.isKnown) return nobodySays;
	const all = look.processes.value.filter(({ type }) => type === 'worker');
	const places = new Set([status?.hostname, ...(status?.addresses ?? [])]);
	const [own, ...others] = all.filter(({ url }) => places.has(hostOf(url)));
	if (own && 'unreachable' in own && own.mayLive) return nobodySays;
	if (own && others.length === 0)
		return 'unreachable' in own
			? ended(`its health endpoint ${own.url} is not reached: ${own.unreachable}`)
			: lives({ source: 'n8n metrics', says: `its health endpoint ${own.url} answers` });
	if (all.length < workersKnown) return nobodySays;
	if (all.some((one) => 'unreachable' in one && one.mayLive)) return nobodySays;
	const unreached = all.filter((one) => 'unreachable' in one).length;
	// One that has stopped has no endpoint among them.
	if (unreached === 0 && !isMissed) return nobodySays;
	if (unreached === 0)
		return lives({
			source: 'n8n metrics',
			says: `the health endpoints of all ${all.length} workers answer`,
		});
	return unreached === gone
		? ended(
				`${unreached} of ${all.length} health endpoints are not reached, and as many workers are gone`,
			)
		: nobodySays;
}

const lives = (evidence: Evidence): ProcessLife => ({ process: 'lives', evidence: [evidence] });

const ended = (says: string): ProcessLife => ({
	process: 'ended',
	evidence: [{ source: 'n8n metrics', says }],
});

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

/** As evidence shows a time. */
export const time = (at: number): string => new Date(at).toISOString();
