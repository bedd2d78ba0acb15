import type { ProcessMetrics, UnreachableProcess } from '../../ports/stack';

/** How busy a process is. */
export interface ProcessLoad {
	readonly url: string;
	readonly type: ProcessMetrics['type'];
	/** Of one processor, 0 to 1 and above where several threads work. */
	readonly cpu: number;
	/** Share of webhook answers that were errors of the server, between the two looks; undefined without any. */
	readonly webhookErrorRate?: number;
}

interface Measured {
	readonly at: number;
	readonly metrics: ProcessMetrics;
}

/** Load is measured over so long at least, so that chance evens out. */
const SHORTEST_WINDOW_MS = 4_000;

/** Counters say how much ever; two looks say how fast. */
export class ProcessLoads {
	private before = new Map<string, Measured>();
	private loads = new Map<string, ProcessLoad>();

	note(
		at: number,
		processes: ReadonlyArray<ProcessMetrics | UnreachableProcess>,
	): readonly ProcessLoad[] {
		const here = processes.filter((one): one is ProcessMetrics => !('unreachable' in one));
		for (const metrics of here) {
			const first = this.before.get(metrics.url);
			if (first && at - first.at < SHORTEST_WINDOW_MS) continue;
			this.before.set(metrics.url, { at, metrics });
			const load = first && loadBetween(first, { at, metrics });
			if (load) this.loads.set(metrics.url, load);
			else this.loads.delete(metrics.url);
		}
		return here.flatMap(({ url }) => this.loads.get(url) ?? []);
	}
}

function loadBetween(first: Measured, last: Measured): ProcessLoad | undefined {
	const { url, type, cpuSeconds, startedAt, webhookRequests } = last.metrics;
	const before = first.metrics;
	if (cpuSeconds === undefined || before.cpuSeconds === undefined) return undefined;
	if (startedAt !== before.startedAt || cpuSeconds < before.cpuSeconds) return undefined;
	const requests = (webhookRequests?.total ?? 0) - (before.webhookRequests?.total ?? 0);
	const failed = (webhookRequests?.failed ?? 0) - (before.webhookRequests?.failed ?? 0);
	return {
		url,
		type,
		cpu: ((cpuSeconds - before.cpuSeconds) * 1_000) / (last.at - first.at),
		...(requests > 0 && { webhookErrorRate: failed / requests }),
	};
}
