/** How a server is reached by TLS. */
export interface PostgresTls {
	/** PEM of the authorities to trust; those of the system where it is left out. */
	readonly ca?: string;
	/** PEM of the client's certificate, and of its key. */
	readonly cert?: string;
	readonly key?: string;
	readonly isVerified: boolean;
}

/** Where a database is, and who asks it. */
export interface PostgresSettings {
	readonly host: string;
	readonly port: number;
	readonly database: string;
	readonly user: string;
	readonly password?: string;
	/** Without: not encrypted. */
	readonly tls?: PostgresTls;
}
