/** One server's address. */
export interface RedisAddress {
	readonly host: string;
	readonly port: number;
}

/** How to encrypt, in PEM where certificates are given; the system's authorities count without `ca`. */
export interface RedisTls {
	readonly ca?: string;
	readonly cert?: string;
	readonly key?: string;
	/** Name that the certificate must bear. Default: the host. */
	readonly serverName?: string;
	/** False accepts any certificate. Default true. */
	readonly isVerified?: boolean;
}

/** Where Redis is: one server, the master that sentinels name, or a cluster. */
export type RedisTopology =
	| { readonly type: 'standalone'; readonly address: RedisAddress }
	| {
			readonly type: 'sentinel';
			readonly masterName: string;
			readonly sentinels: readonly RedisAddress[];
			readonly sentinelUsername?: string;
			readonly sentinelPassword?: string;
	  }
	| { readonly type: 'cluster'; readonly nodes: readonly RedisAddress[] };

/** All that a connection needs. */
export interface RedisSettings {
	readonly topology: RedisTopology;
	readonly username?: string;
	readonly password?: string;
	/** Number of the database; clusters have only 0. Default 0. */
	readonly database?: number;
	/** Not encrypted without. */
	readonly tls?: RedisTls;
	/** Comes before every key. Default `bulwark:`. */
	readonly prefix?: string;
}
