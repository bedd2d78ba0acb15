import { findLost, overview, recover } from './common-steps';
import type { Playbook } from './playbook';

export const postgresPoolExhausted: Playbook = {
	name: 'postgres-pool-exhausted',
	title: 'Connections to Postgres are used up',
	when: 'n8n is slow or says that it timed out waiting for a connection, while its processes run.',
	subjects: {},
	steps: [
		overview,
		{
			tool: 'lint_configuration',
			given: {},
			why: 'Compare the pools of all processes with what Postgres allows.',
			expect:
				'DB_POSTGRESDB_POOL_SIZE times the number of processes has to stay below max_connections, with some left for others. Statements that wait for a lock, or transactions left open, use connections up as well: get_health counts them.',
		},
		{
			tool: 'list_workers',
			given: {},
			why: 'See whether workers wait for the database.',
			expect:
				'Busy workers whose executions do not end, at little CPU. Fewer jobs at a time for each worker need fewer connections.',
		},
		{
			tool: 'get_queue',
			given: {},
			why: 'See what waits meanwhile.',
			expect: 'The queue may have grown: it drains when connections are free again.',
		},
		findLost,
		...recover,
	],
	afterwards:
		'It is over when no statement waits and executions end again. Some that succeeded may be marked as crashed, because their end could not be saved: find_lost_executions names them.',
};
