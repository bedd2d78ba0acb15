import { tellExecution, UnknownExecutionError } from '../../core/recovery';
import { readFrom, valueOf } from '../../core/stack';
import type { ResourceKind } from '../resource';
import { databaseOf, type Services } from '../services';

/** Of the oldest that have not ended so many are completed. */
const MOST_COMPLETED = 100;
const UNFINISHED = ['new', 'running', 'waiting'] as const;

export const executionResources: ResourceKind<Services> = {
	name: 'executions',
	title: 'Executions',
	description:
		'All that is known of one execution, as explain_execution tells it: its row, its job, who runs it, and whether it is lost.',
	uriTemplate: 'bulwark://executions/{id}',
	mimeType: 'application/json',

	complete: {
		id: async (begun, _, services) => {
			const { database } = services.stack;
			const found = await readFrom('database', database, async ({ executions }) => {
				const { rows } = await executions.withStatus(UNFINISHED, MOST_COMPLETED);
				return rows.map(({ id }) => id).filter((id) => id.startsWith(begun));
			});
			// None where they cannot be looked up: nobody is told there are none.
			return valueOf(found) ?? [];
		},
	},

	async read({ id = '' }, services) {
		databaseOf(services);
		try {
			return JSON.stringify(await tellExecution(services.recovery, id), null, '\t');
		} catch (error) {
			if (error instanceof UnknownExecutionError) return undefined;
			throw error;
		}
	},
};
