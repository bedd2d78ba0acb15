import {
	createPolicyStore,
	RedisConnection,
	RedisIdempotencyStore,
	ScriptRunner,
	StateKeys,
	UsedPolicies,
	WakeUps,
	type RedisSettings,
	type SharedPolicyStore,
} from '../../adapters/redis';
import { createPermitIds, systemClock } from '../../adapters/system';
import { guard } from '../../core/policies/define';
import type { AdmitRequest, PolicyDefinition } from '../../core/ports';

/** A store in Redis as a process of its own would have it. */
export interface OpenStore {
	readonly connection: RedisConnection;
	readonly store: SharedPolicyStore;
	readonly runs: RedisIdempotencyStore;
	/** Unique for ever, and such that this process is called by it. */
	newId(): string;
	/** What a first call under these policies asks for. */
	request(policies: readonly PolicyDefinition[], leaseMs?: number): AdmitRequest;
	/** Resolves when Redis answers. */
	ping(): Promise<unknown>;
	close(): void;
}

export const localAddress = (port: number) => ({ host: '127.0.0.1', port });

/** Settings for one server on this machine. */
export const standalone = (port: number): RedisSettings => ({
	topology: { type: 'standalone', address: localAddress(port) },
});

/** @returns a store that does not connect before it is used. */
export function openStore(settings: RedisSettings): OpenStore {
	const connection = new RedisConnection(settings);
	const keys = new StateKeys(settings.prefix ?? 'bulwark:');
	const newId = createPermitIds();
	const processId = newId().split(':')[0]!;
	const wakeUps = new WakeUps(() => connection.listen(), keys.wakeChannel + processId, systemClock);
	const common = { runner: new ScriptRunner(connection), keys, wakeUps, clock: systemClock };
	const store = createPolicyStore(settings.topology, {
		...common,
		used: new UsedPolicies(connection, keys, () => systemClock.now()),
		newRequestId: newId,
	});
	return {
		connection,
		store,
		runs: new RedisIdempotencyStore(common),
		newId,
		request: (policies, leaseMs = 30_000) => ({
			permitId: newId(),
			guards: policies.map((policy) => guard(policy)),
			attempt: 1,
			leaseMs,
		}),
		ping: async () => {
			await connection.ready();
			return await connection.client.ping();
		},
		close() {
			wakeUps.close();
			connection.close();
		},
	};
}
