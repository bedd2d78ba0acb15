import { Buffer } from 'node:buffer';

import type { RedisClient } from '../../ports/stack';

/** Queues of n8n: of all workers, and of a pool. */
const QUEUE = /^jobs(?:-(.+))?$/;

/**
 * Of which pool a connection takes jobs: each worker has one, that Bull names after the queue.
 * @returns undefined for any other connection; '' is the default pool.
 */
export function poolTakenFrom({ name }: Pick<RedisClient, 'name'>): string | undefined {
	const encoded = name.slice(name.lastIndexOf(':') + 1);
	if (encoded === name) return undefined;
	const queue = QUEUE.exec(Buffer.from(encoded, 'base64').toString());
	return queue ? (queue[1] ?? '') : undefined;
}

const TAKING: ReadonlySet<string> = new Set(['brpoplpush', 'blmove', 'bzpopmin']);

/** Which connection it is, of those that there are at one time. */
export const clientKey = ({ server, id }: Pick<RedisClient, 'server' | 'id'>): string =>
	`${server}\n${id}`;

/** Whether it has asked for a job since it was connected. */
export const hasAsked = ({ command }: Pick<RedisClient, 'command'>): boolean => TAKING.has(command);

/** Whether it waits for a job now. */
export const isAsking = ({ flags }: Pick<RedisClient, 'flags'>): boolean => flags.includes('b');
