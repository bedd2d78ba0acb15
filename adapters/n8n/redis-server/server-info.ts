import type { RedisServerInfo } from '../../../core/ports/stack';

/** Reads what INFO answers; managed servers leave out some of it. */
export function serverInfoOf(info: string, server: string, roundTripMs: number): RedisServerInfo {
	const fields = new Map(
		info.split(/\r?\n/).flatMap((line) => {
			const end = line.indexOf(':');
			return end < 1 ? [] : [[line.slice(0, end), line.slice(end + 1)] as const];
		}),
	);
	const text = (name: string) => fields.get(name);
	const number = (name: string) => Number(fields.get(name) ?? 0) || 0;
	const isOk = (name: string) => (text(name) ?? 'ok') === 'ok';
	const role = text('role') === 'slave' ? 'replica' : 'master';
	const savedAt = number('rdb_last_save_time');
	return {
		...{ server, role, roundTripMs, version: text('redis_version') ?? '' },
		...(text('run_id') && { runId: text('run_id') }),
		uptimeMs: number('uptime_in_seconds') * 1_000,
		connectedClients: number('connected_clients'),
		...(fields.has('maxclients') && { maxClients: number('maxclients') }),
		blockedClients: number('blocked_clients'),
		usedMemoryBytes: number('used_memory'),
		...(number('maxmemory') > 0 && { maxMemoryBytes: number('maxmemory') }),
		...(fields.has('maxmemory_policy') && { evictionPolicy: text('maxmemory_policy') }),
		evictedKeys: number('evicted_keys'),
		isAofEnabled: number('aof_enabled') === 1,
		isLastSaveOk:
			isOk('rdb_last_bgsave_status') &&
			isOk('aof_last_write_status') &&
			isOk('aof_last_bgrewrite_status'),
		...(savedAt > 0 && { lastSavedAt: savedAt * 1_000 }),
		changesSinceSave: number('rdb_changes_since_last_save'),
		isLoading: number('loading') === 1,
		replicas: number('connected_slaves'),
		...(role === 'replica' && { isLinkedToMaster: text('master_link_status') === 'up' }),
		commandsPerSecond: number('instantaneous_ops_per_sec'),
		rejectedConnections: number('rejected_connections'),
	};
}
