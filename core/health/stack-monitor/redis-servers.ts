import type { ProcessMetrics, RedisServerInfo, UnreachableProcess } from '../../ports/stack';

/** A Redis that took the place of another, or was started anew, while n8n ran. */
export interface ReplacedRedis {
	readonly server: string;
	/** When that was seen, or when it was started, ms since the epoch. */
	readonly since: number;
	/** By what it is known. */
	readonly says: string;
}

/** What was lost with the one before is found within that time, if it is looked for. */
const TOLD_FOR_MS = 600_000;

/** The clocks of n8n and Redis may be that much apart, and both may be started together. */
const STARTED_TOGETHER_MS = 30_000;

/** Remembers which Redis servers there were: what one has confirmed and not handed on is lost with it. */
export class RedisServers {
	private runIds: ReadonlySet<string> | undefined;
	private readonly replaced = new Map<string, ReplacedRedis>();

	/** @returns those that were replaced within the last ten minutes. */
	note(
		at: number,
		servers: readonly RedisServerInfo[],
		processes: ReadonlyArray<ProcessMetrics | UnreachableProcess>,
	): readonly ReplacedRedis[] {
		for (const { server, runId, uptimeMs } of servers) {
			const startedAt = at - uptimeMs;
			const isYoung = processes.some(
				(one) =>
					!('unreachable' in one) &&
					one.startedAt !== undefined &&
					one.startedAt < startedAt - STARTED_TOGETHER_MS,
			);
			if (runId !== undefined && this.runIds && !this.runIds.has(runId))
				this.replaced.set(server, { server, since: at, says: `another run_id than before` });
			else if (isYoung && !this.replaced.has(server))
				this.replaced.set(server, {
					...{ server, since: startedAt },
					says: `up for ${Math.round(uptimeMs / 1_000)} s, less than n8n`,
				});
		}
		if (servers.length > 0) this.runIds = new Set(servers.flatMap(({ runId }) => runId ?? []));
		for (const [server, { since }] of this.replaced)
			if (at - since > TOLD_FOR_MS) this.replaced.delete(server);
		return [...this.replaced.values()];
	}
}
