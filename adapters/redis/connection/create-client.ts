import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { ConnectionOptions } from 'node:tls';

import type { RedisSettings, RedisTls } from './redis-settings';

export type RedisClient = Redis | Cluster;

/** Unless told otherwise, a command that is not answered by then has failed, in ms; it may have been carried out. */
export const COMMAND_TIMEOUT_MS = 1_000;

const CONNECT_TIMEOUT_MS = 2_000;
/** Longest wait for the other side to close. A client that has lost it already waits in vain, and the process with it. */
const DISCONNECT_TIMEOUT_MS = 200;
const LONGEST_RECONNECT_DELAY_MS = 500;

/**
 * A client that never holds a command back nor sends it again by itself: who asks must hear soon that Redis cannot be
 * reached, and only he knows whether to ask again. It connects when told to.
 */
export function createClient(
	settings: RedisSettings,
	commandTimeoutMs = COMMAND_TIMEOUT_MS,
): RedisClient {
	const { topology, username, password, database = 0, tls } = settings;
	const options: RedisOptions = {
		...(username ? { username } : {}),
		...(password ? { password } : {}),
		...(tls ? { tls: tlsOptions(tls) } : {}),
		db: database,
		connectionName: 'bulwark',
		autoResendUnfulfilledCommands: false,
		maxRetriesPerRequest: 0,
		commandTimeout: commandTimeoutMs,
		// Given up, although something is due, when nothing has come for so long.
		socketTimeout: 2 * commandTimeoutMs,
		connectTimeout: CONNECT_TIMEOUT_MS,
		disconnectTimeout: DISCONNECT_TIMEOUT_MS,
		keepAlive: 5_000,
		// It would leave a failure to nobody, which ends the process.
		autoResubscribe: false,
		// A master that became a replica: find the new one.
		reconnectOnError: ({ message }) => message.startsWith('READONLY'),
	};
	if (topology.type === 'cluster') {
		const cluster = new Cluster([...topology.nodes], {
			redisOptions: options,
			lazyConnect: true,
			enableOfflineQueue: false,
			clusterRetryStrategy: reconnectDelayMs,
			slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
			retryDelayOnFailover: 50,
			retryDelayOnClusterDown: 50,
			maxRedirections: 16,
		});
		return cluster.on('+node', bearLateErrors);
	}
	const single: RedisOptions = {
		...options,
		lazyConnect: true,
		enableOfflineQueue: false,
		retryStrategy: reconnectDelayMs,
	};
	if (topology.type === 'standalone')
		return bearLateErrors(new Redis({ ...single, ...topology.address }));
	const { masterName, sentinels, sentinelUsername, sentinelPassword } = topology;
	const master = new Redis({
		...single,
		name: masterName,
		sentinels: [...sentinels],
		...(sentinelUsername ? { sentinelUsername } : {}),
		...(sentinelPassword ? { sentinelPassword } : {}),
		...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(tls) } : {}),
		sentinelRetryStrategy: reconnectDelayMs,
		sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
		failoverDetector: true,
	});
	return bearLateErrors(master);
}

/**
 * The client listens for the first error of a connection only. Another one, such as the server's last word by TLS on a
 * connection that we have given up, would end the process.
 */
function bearLateErrors(client: Redis): Redis {
	return client.on('error', () => client.stream?.on('error', () => undefined));
}

const reconnectDelayMs = (times: number): number =>
	Math.min(LONGEST_RECONNECT_DELAY_MS, 20 * times);

const tlsOptions = ({
	ca,
	cert,
	key,
	serverName,
	isVerified = true,
}: RedisTls): ConnectionOptions => ({
	...(ca ? { ca } : {}),
	...(cert ? { cert } : {}),
	...(key ? { key } : {}),
	...(serverName ? { servername: serverName } : {}),
	rejectUnauthorized: isVerified,
});
