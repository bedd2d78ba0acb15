import type {
	DatabaseStatistics,
	ExecutionRates,
	InstanceEntry,
	PoolCounts,
	RedisServerInfo,
	WorkflowOutline,
} from '../../ports/stack';
import type { Reading } from '../../stack';
import type { N8nSettings } from './n8n-settings';

/** What rules look at. */
export interface LintFacts {
	readonly settings: N8nSettings;
	readonly redis: readonly RedisServerInfo[];
	readonly instances: readonly InstanceEntry[];
	readonly pools: readonly PoolCounts[];
	readonly database: DatabaseStatistics;
	/** Of the last hour. */
	readonly rates: ExecutionRates;
	/** How many executions n8n holds for begun or about to begin. */
	readonly unfinished: number;
	/** Active ones, at most {@link MOST_WORKFLOWS}. */
	readonly workflows: readonly WorkflowOutline[];
}

export type LintFactName = keyof LintFacts;

/** What is known, and of the rest why not. */
export type LintReadings = {
	readonly [Name in LintFactName]: Reading<LintFacts[Name]>;
};

/** More workflows than these are not looked at. */
export const MOST_WORKFLOWS = 5_000;
