import type { OwnedClients, RedisClient, WorkerStatus } from '../../../core/ports/stack';
import { socketsOf } from './process-sockets';

/** Connections that this machine's kernel knows to be those of these processes. */
export async function byProcess(
	clients: readonly RedisClient[],
	workers: readonly WorkerStatus[],
	processIds: readonly number[],
): Promise<OwnedClients[]> {
	const groups = await Promise.all(
		processIds.map(async (processId): Promise<OwnedClients> => {
			const sockets = await socketsOf(processId);
			const remoteOf = new Map(sockets.map(({ local, remote }) => [local, remote]));
			return {
				worker: workers.find((worker) => worker.processId === processId),
				processId,
				clients: clients.filter((client) => isSame(client, remoteOf.get(client.address))),
				knownBy: 'process',
			};
		}),
	);
	return groups.filter((group) => group.clients.length > 0);
}

/** Any machine may have the same connection to itself, so there its other end counts too. */
const isSame = ({ address, serverAddress }: RedisClient, remote: string | undefined): boolean =>
	remote !== undefined &&
	(!/^(127\.|\[::1\])/.test(address) || serverAddress === undefined || serverAddress === remote);
