import type { Redis } from 'ioredis';

import type { RedisConnection as Connection } from '../adapters/redis';
import type { Admission, Guard, Permit, PolicyStore } from '../core/ports';
import { startRedis } from '../test/support/redis-server';
import type { Side } from './alternate';
import type { Effort, Measurement } from './benchmark';
import { loadBulwark, type Bulwark } from './load-bulwark';

const LEASE_MS = 30_000;

/** A real Redis of the benchmark's own, and our store on it as a worker has it. */
export interface RedisBench {
	readonly bulwark: Bulwark;
	/** The connection that our store uses. */
	readonly client: Redis;
	readonly store: PolicyStore;
	readonly newId: () => string;
	ask(guards: readonly Guard[], leaseMs?: number): Promise<Admission>;
	/** An admission that must be granted. */
	admit(guards: readonly Guard[], leaseMs?: number): Promise<Permit>;
	/** Another client of the same Redis, with the settings of ours, for the other side. */
	connect(): Promise<Redis>;
}

/** Measures with a Redis that is stopped afterwards. */
export async function onRedis(
	measure: (redis: RedisBench) => Promise<Measurement>,
): Promise<Measurement> {
	const server = await startRedis();
	const bulwark = loadBulwark();
	const { RedisConnection, RedisStores, systemClock, createPermitIds } = bulwark;
	const topology = {
		type: 'standalone',
		address: { host: '127.0.0.1', port: server.port },
	} as const;
	const newId = createPermitIds();
	const redis = new RedisStores({ topology }, { clock: systemClock, newId });
	const { connection, policies: store } = redis;
	const others: Connection[] = [];
	try {
		await connection.ready();
		const ask = async (guards: readonly Guard[], leaseMs = LEASE_MS) =>
			await store.admit({ permitId: newId(), guards, attempt: 1, leaseMs });
		return await measure({
			bulwark,
			client: connection.client as Redis,
			store,
			newId,
			ask,
			async admit(guards, leaseMs) {
				const admission = await ask(guards, leaseMs);
				if (admission.status !== 'granted') throw new Error('A limit is too low to measure with.');
				return admission.permit;
			},
			async connect() {
				const another = new RedisConnection({ topology });
				others.push(another);
				await another.ready();
				return another.client as Redis;
			},
		});
	} finally {
		for (const each of [redis, ...others]) each.close();
		await server.stop();
	}
}

/** Calls of which so many are under way at any time. */
export const inFlight =
	(most: number, call: () => Promise<unknown>): Side =>
	async (calls) => {
		let left = calls;
		const one = async () => {
			while (left-- > 0) await call();
		};
		await Promise.all(Array.from({ length: most }, one));
	};

/** A turn with a server takes longer than one within a process before its figures are steady. */
export const withServer = ({ rounds, turnMs }: Effort): Effort => ({ rounds, turnMs: turnMs * 4 });

/** Takes turns through many keys, as calls of many users do. */
export function manyKeys(count = 1_000): () => string {
	const keys = Array.from({ length: count }, (_, index) => `user:${10_000 + index}`);
	let next = 0;
	return () => keys[next++ % keys.length]!;
}
