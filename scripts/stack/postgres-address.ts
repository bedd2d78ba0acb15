/** Where n8n's database is, and who may use it. */
export interface PostgresAddress {
	host: string;
	port: number;
	database: string;
	user: string;
	password: string;
}
