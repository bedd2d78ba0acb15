import type { ProcessMetrics, UnreachableProcess } from '../../ports/stack';
import type { ProcessLife } from './process-life';
import type { WorkerRecord } from './worker-record';
import type { WorkersLook } from './workers-look';

type Endpoint = ProcessMetrics | UnreachableProcess;

/** Where workers answer health checks, without those of workers that are known to have ended. */
export class HealthEndpoints {
	private readonly ended = new Set<string>();

	/** Undefined where nobody could ask. */
	of({ processes }: WorkersLook): readonly Endpoint[] | undefined {
		if (!processes.isKnown) return undefined;
		const all = processes.value.filter(({ type }) => type === 'worker');
		// Another process has taken its place.
		for (const one of all) if (!('unreachable' in one)) this.ended.delete(one.url);
		return all.filter(({ url }) => !this.ended.has(url));
	}

	/** Remembers who has ended, and which endpoints nobody answers at since: they say nothing of others. */
	noteEnded(lives: ReadonlyMap<WorkerRecord, ProcessLife>): void {
		const ended = [...lives].filter(([{ hasEnded }, { leaves }]) => !hasEnded && leaves);
		// One of them may yet turn out to have stopped by itself, so that another's endpoint is not its.
		if (!ended.every(([{ isMissed }]) => isMissed)) return;
		for (const [record, { leaves = [] }] of ended) {
			record.hasEnded = true;
			for (const url of leaves) this.ended.add(url);
		}
	}
}
