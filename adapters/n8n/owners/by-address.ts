import { poolTakenFrom } from '../../../core/health';
import type { OwnedClients, RedisClient, WorkerStatus } from '../../../core/ports/stack';

/** Each process of n8n has two that listen: for Bull's events, and for commands of n8n. */
const LISTENERS_OF_ONE = 2;

/**
 * Connections from an address that one process of n8n alone has: one of them takes jobs, and no more listen than those
 * of one process.
 */
export function byAddress(
	clients: readonly RedisClient[],
	workers: readonly WorkerStatus[],
): OwnedClients[] {
	return [...Map.groupBy(clients, ({ address }) => hostOf(address))]
		.filter(([, group]) => isOneWorkers(group))
		.map(([host, group]) => {
			const there = workers.filter(({ addresses }) => addresses.includes(host));
			const worker = there.length === 1 ? there[0] : undefined;
			return { worker, clients: group, knownBy: 'address' };
		});
}

function isOneWorkers(clients: readonly RedisClient[]): boolean {
	const taking = clients.filter(takesJobs);
	const listening = clients.filter((client) => client.subscriptions > 0 && !isOurs(client));
	const isAnothers = clients.some(({ isOfAnotherN8n }) => isOfAnotherN8n);
	return taking.length === 1 && listening.length <= LISTENERS_OF_ONE && !isAnothers;
}

/** Whatever the prefix of the queue's keys: takers of other queues are not among those that are looked at. */
export const takesJobs = (client: RedisClient): boolean => poolTakenFrom(client) !== undefined;

/** Steps in a worker keep their own. */
const isOurs = ({ name }: RedisClient): boolean => name === 'bulwark';

/** Without the port; of an IPv6 address without its brackets. */
const hostOf = (address: string): string =>
	address.slice(0, address.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
