import type { OwnedClients, RedisClient, WorkerStatus } from '../../../core/ports/stack';

/** Bull gives this name, and the queue's in base64, to the connection by which a worker takes jobs. */
const TAKING_JOBS = /^bull:/;

/**
 * Connections from an address that one worker alone has. Another process of n8n there that takes no jobs shows by the
 * connections that listen: each process has a few, a worker no more than so many.
 */
export function byAddress(
	clients: readonly RedisClient[],
	workers: readonly WorkerStatus[],
): OwnedClients[] {
	const clientsFrom = Map.groupBy(clients, ({ address }) => hostOf(address));
	return workers.flatMap((worker): OwnedClients[] => {
		const others = workers.filter((other) => other !== worker);
		const own = worker.addresses.filter((address) =>
			others.every(({ addresses }) => !addresses.includes(address)),
		);
		const its = own.flatMap((address) => clientsFrom.get(address) ?? []);
		return isOneWorkers(its) ? [{ worker, clients: its, knownBy: 'address' }] : [];
	});
}

/** By what n8n 2.41 keeps: its own commands, and Bull's progress on top of that. */
const MOST_LISTENING = 3;

function isOneWorkers(clients: readonly RedisClient[]): boolean {
	const taking = clients.filter(({ name }) => TAKING_JOBS.test(name));
	const listening = clients.filter(({ subscriptions }) => subscriptions > 0);
	return clients.length > 0 && taking.length <= 1 && listening.length <= MOST_LISTENING;
}

/** Without the port; of an IPv6 address without its brackets. */
const hostOf = (address: string): string =>
	address.slice(0, address.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
