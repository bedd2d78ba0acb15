import type { ClockOffset } from './clock-offset';

/** A connection to Redis, as CLIENT LIST shows it. */
export interface RedisClient {
	/** Unique at its server, for as long as that lives. */
	readonly id: string;
	/** Which server shows it: `host:port`. One, except on a Cluster. */
	readonly server: string;
	/** Empty where it gave itself none. */
	readonly name: string;
	/** From where, as `host:port`. */
	readonly address: string;
	/** To where, likewise: the server's own address. Older servers do not say it. */
	readonly serverAddress?: string;
	readonly user: string;
	/** As Redis writes them: `N` none, `b` in a blocking command, `P` subscriber, `S` replica. */
	readonly flags: string;
	/** The last one, in lower case. */
	readonly command: string;
	/** Since its last command, in ms, by the second. */
	readonly idleMs: number;
	readonly ageMs: number;
	readonly subscriptions: number;
	/** Takes jobs of another queue, so that its process is one of another n8n; its name is left out. */
	readonly isOfAnotherN8n?: true;
}

/** What INFO and CONFIG say of one server. */
export interface RedisServerInfo {
	readonly server: string;
	readonly version: string;
	readonly role: 'master' | 'replica';
	/** Changes whenever a server is started; undefined where it is not told. */
	readonly runId?: string;
	readonly uptimeMs: number;
	readonly connectedClients: number;
	readonly maxClients?: number;
	readonly blockedClients: number;
	readonly usedMemoryBytes: number;
	/** Undefined without a limit. */
	readonly maxMemoryBytes?: number;
	/** Such as `noeviction`; undefined where it may not be asked. */
	readonly evictionPolicy?: string;
	readonly evictedKeys: number;
	readonly isAofEnabled: boolean;
	/** False when the last snapshot or append failed. */
	readonly isLastSaveOk: boolean;
	readonly lastSavedAt?: number;
	readonly changesSinceSave: number;
	readonly isLoading: boolean;
	readonly replicas: number;
	/** Of a replica. */
	readonly isLinkedToMaster?: boolean;
	readonly commandsPerSecond: number;
	readonly rejectedConnections: number;
	/** How long the question took, in ms. */
	readonly roundTripMs: number;
	/** Undefined where it may not be asked for its time. */
	readonly clock?: ClockOffset;
}

/** Looks at the servers that hold the queue: one, or all masters of a Cluster. */
export interface RedisServerView {
	info(): Promise<readonly RedisServerInfo[]>;
	clients(): Promise<readonly RedisClient[]>;
}

/** Closes connections, from the server's side. */
export interface RedisServerControl {
	/** @returns how many it closed; those that are gone already are not counted. */
	closeClients(clients: ReadonlyArray<Pick<RedisClient, 'id' | 'server'>>): Promise<number>;
}
