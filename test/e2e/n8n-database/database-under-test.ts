import { openStackSources, type DatabaseSettings } from '../../../adapters/n8n';
import type { StackSources } from '../../../core/stack';
import { FakeClock } from '../../support/fake-clock';
import type { addExecution, N8nDatabase } from '../../support/n8n-database';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

const clock = new FakeClock(NOW);

/** What is read from a database that a test has filled. Complete once tests run. */
export type DatabaseUnderTest = NonNullable<StackSources['database']> & {
	readonly n8n: N8nDatabase;
	/** Stores an execution of a minute ago that succeeded, unless told otherwise. @returns its id */
	readonly add: (execution: Partial<Parameters<typeof addExecution>[1]>) => Promise<string>;
};

/** Opens the sources of a stack of which only the database is there. */
export const openDatabase = (database: DatabaseSettings): ReturnType<typeof openStackSources> =>
	openStackSources(
		{
			database,
			queue: {
				...{ prefix: 'bull', pools: [], registryPrefix: 'n8n' },
				...{ lockDurationMs: MINUTE, lockRenewTimeMs: 10 * SECOND },
				...{ keepLastCompleted: 0, keepLastFailed: 0 },
			},
			n8n: { url: 'http://127.0.0.1:5678' },
			workerHealthUrls: [],
		},
		clock,
	);
