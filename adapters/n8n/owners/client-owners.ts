import type {
	ClientOwners,
	OwnedClients,
	RedisClient,
	WorkerStatus,
} from '../../../core/ports/stack';
import { byAddress } from './by-address';

/** Finds out by addresses whose connections are whose. */
export class AddressOwners implements ClientOwners {
	ownersOf(
		clients: readonly RedisClient[],
		workers: readonly WorkerStatus[],
	): Promise<readonly OwnedClients[]> {
		return Promise.resolve(byAddress(clients, workers));
	}
}
