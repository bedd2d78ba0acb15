import type {
	InstanceEntry,
	JobsPage,
	OwnedClients,
	ProcessMetricsView,
	RedisClient,
	WorkerStatus,
} from '../../ports/stack';
import type { Reading } from '../../stack';

/** What all sources said of workers, at about one moment. */
export interface WorkersLook {
	/** When it began, ms since the epoch. */
	readonly at: number;
	readonly instances: Reading<readonly InstanceEntry[]>;
	/** Asked before clients and jobs: what ran at two looks then ran while these were looked at in between. */
	readonly statuses: Reading<readonly WorkerStatus[]>;
	readonly clients: Reading<readonly RedisClient[]>;
	/** Of these answers, and of the last ones of workers that have not answered now. */
	readonly owned: Reading<readonly OwnedClients[]>;
	/** Active ones, with their locks. */
	readonly jobs: Reading<JobsPage>;
	readonly processes: Reading<Awaited<ReturnType<ProcessMetricsView['processes']>>>;
}
