import type {
	ClientOwners,
	OwnedClients,
	RedisClient,
	WorkerStatus,
} from '../../../core/ports/stack';
import { byAddress, takesJobs } from './by-address';
import { byProcess } from './by-process';
import type { LocalWorkers } from './local-workers';

/** Finds out whose connections are whose: by this machine's kernel, then by addresses, then by who is left. */
export class KnownClientOwners implements ClientOwners {
	constructor(private readonly localWorkers: LocalWorkers) {}

	async ownersOf(
		clients: readonly RedisClient[],
		workers: readonly WorkerStatus[],
	): Promise<readonly OwnedClients[]> {
		const local = await byProcess(clients, workers, await this.localWorkers.refresh());
		const localClients = new Set(local.flatMap((group) => group.clients));
		const otherClients = clients.filter((client) => !localClients.has(client));
		const localOnes = new Set(local.map(({ worker }) => worker));
		const others = workers.filter((worker) => !localOnes.has(worker));
		const ours = local.filter(({ clients: own }) => !own.some((one) => one.isOfAnotherN8n));
		const groups = [...ours, ...byAddress(otherClients, others)];
		return withLastOne(groups, clients, workers);
	}
}

/** Where one worker is left, and the connections of one process, they belong together. */
function withLastOne(
	groups: readonly OwnedClients[],
	clients: readonly RedisClient[],
	workers: readonly WorkerStatus[],
): readonly OwnedClients[] {
	const isGrouped = new Set(groups.flatMap((group) => group.clients));
	const areAllGrouped = clients.filter(takesJobs).every((client) => isGrouped.has(client));
	const nobodys = groups.filter(({ worker }) => worker === undefined);
	const owners = new Set(groups.map(({ worker }) => worker));
	const left = workers.filter((worker) => !owners.has(worker));
	const [group] = nobodys;
	const [worker] = left;
	if (!areAllGrouped || nobodys.length !== 1 || left.length !== 1) return groups;
	if (areOfTwo(worker!.processId, group!.processId)) return groups;
	return groups.map((one) => (one === group ? { ...one, worker } : one));
}

/** A worker of another n8n may run beside ours, and answers nobody here. */
const areOfTwo = (one: number | undefined, other: number | undefined): boolean =>
	one !== undefined && other !== undefined && one !== other;
