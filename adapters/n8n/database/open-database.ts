import type { Clock } from '../../../core/ports';
import type { StackSources } from '../../../core/stack';
import type { DatabaseSettings } from '../stack-settings';
import { N8nExecutions } from './n8n-executions';
import { N8nWorkflows } from './n8n-workflows';
import { PostgresDatabase } from './postgres-database';
import { PostgresServer } from './postgres-server';
import { SqliteDatabase } from './sqlite-database';
import { SqliteServer } from './sqlite-server';

/** n8n's database, and how to let go of it. */
export interface OpenDatabase {
	readonly source: NonNullable<StackSources['database']>;
	close(): Promise<void>;
}

/** Connects to nothing before something is asked. */
export function openDatabase(settings: DatabaseSettings, clock: Clock): OpenDatabase {
	const { database, server } =
		settings.type === 'postgres' ? postgres(settings, clock) : sqlite(settings, clock);
	return {
		source: {
			executions: new N8nExecutions(database, clock),
			workflows: new N8nWorkflows(database),
			server,
			isShared: settings.type === 'postgres',
		},
		close: async () => await database.close(),
	};
}

function sqlite({ file, tablePrefix }: DatabaseSettings & { type: 'sqlite' }, clock: Clock) {
	const database = new SqliteDatabase(file, tablePrefix);
	return { database, server: new SqliteServer(database, clock) };
}

function postgres(settings: DatabaseSettings & { type: 'postgres' }, clock: Clock) {
	const { host, port, user, password, ssl, ca, cert, privateKey } = settings;
	const tls = ssl
		? {
				ca: ca || undefined,
				cert: cert || undefined,
				key: privateKey || undefined,
				isVerified: !settings.disableTlsVerification,
			}
		: undefined;
	const database = new PostgresDatabase(
		{ host, port, user, password, database: settings.database, tls },
		settings.schema,
		settings.tablePrefix,
	);
	return { database, server: new PostgresServer(database, clock) };
}
