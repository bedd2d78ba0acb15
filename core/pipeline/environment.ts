import type { Failure } from '../failure';
import type { Clock, PolicyStore, Random } from '../ports';
import type { LeaseKeeper } from './lease-keeper';

/** What a pipeline works with. */
export interface PipelineEnvironment {
	readonly store: PolicyStore;
	readonly clock: Clock;
	readonly random: Random;
	readonly leases: LeaseKeeper;
	/** Makes ids that are unique for ever, across processes. */
	readonly newPermitId: () => string;
	/** Reads an error of the guarded work. Default: `describeFailure` of core/failure. */
	readonly describeFailure?: (error: unknown) => Failure;
}
