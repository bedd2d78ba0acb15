import { workerConcurrency } from '../worker-concurrency';
import { lintRule } from '../lint-rule';

/** How many executions of a worker may share a connection, most of the time. */
const EXECUTIONS_A_CONNECTION = 3;
const NEARLY_ALL = 0.9;

/** Whether what executions bring can be written. */
export const databaseRules = [
	lintRule({
		id: 'database-pool',
		mode: 'any',
		needs: ['settings'],
		check({ settings }) {
			const name = 'DB_POSTGRESDB_POOL_SIZE';
			if (settings.value('DB_TYPE') !== 'postgresdb') return undefined;
			const size = settings.value(name);
			const concurrency = workerConcurrency(settings);
			const enough = Math.ceil(concurrency / EXECUTIONS_A_CONNECTION);
			if (size >= enough) return undefined;
			return {
				severity: 'warning',
				setting: name,
				value: `${settings.shown(name)}, for up to ${concurrency} executions at once`,
				loses: `When all connections are in use for ${settings.value('DB_POSTGRESDB_CONNECTION_TIMEOUT') / 1_000} s, an execution cannot save its result, and counts as crashed though its work is done.`,
				remedy: `${name}=${enough}, and max_connections of Postgres above that times the number of processes`,
			};
		},
	}),
	lintRule({
		id: 'database-connections',
		mode: 'queue',
		needs: ['settings', 'instances', 'database'],
		check({ settings, instances, database }) {
			if (database.connections === undefined) return undefined;
			const size = settings.value('DB_POSTGRESDB_POOL_SIZE');
			const wanted = size * instances.length;
			const { used, most } = database.connections;
			const isFull = used >= NEARLY_ALL * most;
			if (!isFull && wanted <= NEARLY_ALL * most) return undefined;
			return {
				severity: isFull ? 'critical' : 'warning',
				setting: 'max_connections of Postgres',
				value: `${most}, of which ${used} are used; n8n's ${instances.length} processes may open ${wanted}`,
				loses:
					'Postgres turns connections away that go beyond it: executions cannot save their results, and processes do not start.',
				remedy: `max_connections = ${Math.max(100, 2 * wanted)}, or PgBouncer in front of it, or a smaller DB_POSTGRESDB_POOL_SIZE`,
			};
		},
	}),
];
