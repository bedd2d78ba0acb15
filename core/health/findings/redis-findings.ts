import { isoTime } from '../../iso-time';
import type { RedisServerInfo } from '../../ports/stack';
import { valueOf } from '../../stack';
import type { ReplacedRedis, StackObservation } from '../stack-monitor';
import { severityOf, type Thresholds } from '../thresholds';
import type { Finding } from './finding';
import { count, duration, percent } from './words';

/** What is wrong with the Redis of n8n's queue. */
export const redisFindings = (
	{ look: { redis }, replacedRedis }: StackObservation,
	thresholds: Thresholds,
): readonly Finding[] => [
	...replacedRedis.map(replacedFinding),
	...(valueOf(redis) ?? []).flatMap((info) => findingsOf(info, thresholds)),
];

const replacedFinding = ({ server, since, says }: ReplacedRedis): Finding => ({
	id: 'redis-replaced',
	severity: 'warning',
	component: 'redis',
	subject: server,
	summary: `Redis ${server} is another one since ${isoTime(since)}, or was started anew, while n8n ran: jobs that the one before had not handed on or saved are lost`,
	evidence: [{ source: 'redis', says }],
	remedy: 'Look for lost executions (find_lost_executions), and plan to bring them back',
	playbook: 'redis-failover',
});

type Told = Pick<Finding, 'id' | 'severity' | 'summary' | 'remedy'> & { readonly says: string };

function findingsOf(info: RedisServerInfo, thresholds: Thresholds): Finding[] {
	const { server } = info;
	return told(info, thresholds).map(({ says, ...rest }) => ({
		...rest,
		component: 'redis',
		subject: server,
		evidence: [{ source: 'redis', says }],
		playbook: 'redis-failover',
	}));
}

function told(info: RedisServerInfo, thresholds: Thresholds): Told[] {
	const { server, usedMemoryBytes, maxMemoryBytes, connectedClients, maxClients } = info;
	const found: Told[] = [];
	if (info.isLoading)
		found.push({
			id: 'redis-loading',
			severity: 'critical',
			summary: `Redis ${server} is loading its data and answers nobody`,
			says: 'loading:1',
			remedy: 'Wait until it has; n8n exits after 10 s without it',
		});
	if (!info.isLastSaveOk)
		found.push({
			id: 'redis-save-failed',
			severity: 'critical',
			summary: `Redis ${server} could not write its data: what is enqueued would be lost with it`,
			says: `the last snapshot or append failed; ${info.changesSinceSave} changes since`,
			remedy: 'See its log: disk full, no right to write, or no memory to fork',
		});
	if (info.role === 'replica')
		found.push({
			id: 'redis-is-replica',
			severity: 'critical',
			summary: `Redis ${server}, where n8n keeps its queue, is a replica: nothing can be enqueued`,
			says: `role replica, linked to its master: ${info.isLinkedToMaster ?? 'not known'}`,
			remedy: 'Point n8n to the master, through a proxy or a name that follows a failover',
		});
	if (maxMemoryBytes) {
		const severity = severityOf(usedMemoryBytes / maxMemoryBytes, thresholds.memory);
		if (severity)
			found.push({
				id: 'redis-memory',
				severity,
				summary: `Redis ${server} uses ${percent(usedMemoryBytes / maxMemoryBytes)} of its memory`,
				says: `${usedMemoryBytes} of ${maxMemoryBytes} bytes`,
				remedy: 'Raise maxmemory, or keep fewer finished jobs (removeOnComplete, removeOnFail)',
			});
	}
	if (info.evictedKeys > 0)
		found.push({
			id: 'redis-evicted',
			severity: 'critical',
			summary: `Redis ${server} has thrown away ${count(info.evictedKeys, 'key')} for lack of memory: jobs may be among them`,
			says: `evicted_keys ${info.evictedKeys}, policy ${info.evictionPolicy ?? 'not known'}`,
			remedy: 'Set maxmemory-policy noeviction, and look for lost executions',
		});
	if (maxClients) {
		const severity = severityOf(connectedClients / maxClients, thresholds.databaseConnections);
		if (severity)
			found.push({
				id: 'redis-connections',
				severity,
				summary: `Redis ${server} has ${percent(connectedClients / maxClients)} of the connections that it allows`,
				says: `${connectedClients} of ${maxClients}; ${info.rejectedConnections} were turned away`,
				remedy: 'Raise maxclients, or find who opens them',
			});
	}
	const slow = severityOf(info.roundTripMs, thresholds.redisRoundTripMs);
	if (slow)
		found.push({
			id: 'redis-slow',
			severity: slow,
			summary: `Redis ${server} took ${duration(info.roundTripMs)} to answer`,
			says: `round trip of ${Math.round(info.roundTripMs)} ms`,
			remedy: 'See its slow log, its load, and the network between',
		});
	return found;
}
