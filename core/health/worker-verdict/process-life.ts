import type { ProcessMetrics, UnreachableProcess } from '../../ports/stack';
import type { Evidence, ProcessState } from './worker-verdict';
import type { WorkerRecord } from './worker-record';
import { ownedBy, type WorkerSight } from './worker-sight';
import type { WorkersLook } from './workers-look';

/** Whether a worker's process lives, and who says so. */
export interface ProcessLife {
	readonly process: ProcessState;
	readonly evidence: readonly Evidence[];
	/** Of one that has ended: which health endpoints are nobody's since. */
	readonly leaves?: readonly string[];
}

/** What is known of all workers that have not ended for certain. */
export interface LifeSigns {
	readonly workersKnown: number;
	/** How many neither answer nor take jobs. */
	readonly gone: number;
	/** Undefined where nobody could ask. */
	readonly endpoints: ReadonlyArray<ProcessMetrics | UnreachableProcess> | undefined;
}

/** @param isStillListed whether it has reported itself since it is gone. */
export function lifeOf(
	look: WorkersLook,
	{ record, answer, taker }: WorkerSight,
	isStillListed: boolean,
	signs: LifeSigns,
): ProcessLife {
	if (answer) return lives({ source: 'workers', says: 'it answers' });
	if (taker.kind === 'seen') return { process: 'not known', evidence: [] };
	const others = ownedBy(look, record)?.clients.length ?? 0;
	if (others > 0)
		return lives({ source: 'redis', says: `it has ${others} other connections to Redis` });
	if (isStillListed) return lives({ source: 'instance registry', says: 'it still reports itself' });
	if (record.hasEnded) return ended('its health endpoint was not reached when it went', []);
	return byHealth(record, signs);
}

/** By health endpoints: its own where the address is its, else by how many answer. */
function byHealth(
	{ status, isMissed }: WorkerRecord,
	{ endpoints: all, workersKnown, gone }: LifeSigns,
): ProcessLife {
	const nobodySays = { process: 'not known', evidence: [] } as const;
	if (!all) return nobodySays;
	const places = new Set([status?.hostname, ...(status?.addresses ?? [])]);
	const [own, ...others] = all.filter(({ url }) => places.has(hostOf(url)));
	if (own && 'unreachable' in own && own.mayLive) return nobodySays;
	if (own && others.length === 0)
		return 'unreachable' in own
			? ended(`its health endpoint ${own.url} is not reached: ${own.unreachable}`, [own.url])
			: lives({ source: 'n8n metrics', says: `its health endpoint ${own.url} answers` });
	if (all.length < workersKnown) return nobodySays;
	if (all.some((one) => 'unreachable' in one && one.mayLive)) return nobodySays;
	const unreachable = all.flatMap((one) => ('unreachable' in one ? [one.url] : []));
	const unreached = unreachable.length;
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
				unreachable,
			)
		: nobodySays;
}

const lives = (evidence: Evidence): ProcessLife => ({ process: 'lives', evidence: [evidence] });

const ended = (says: string, leaves: readonly string[]): ProcessLife => ({
	process: 'ended',
	evidence: [{ source: 'n8n metrics', says }],
	leaves,
});

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');
