import type { ChangePlanner } from '../core/change-plans';
import { BulwarkError } from '../core/errors';
import type { LastChecks, StackHealth, StackMonitor } from '../core/health';
import type { N8nSettings } from '../core/health/config-lint';
import type { Clock, CronTimes, Sha256, SharedPolicies } from '../core/ports';
import type { RepairCrewParts } from '../core/recovery';
import type { StackSources } from '../core/stack';

/** What tools work with. A source that is not configured is undefined. */
export interface Services {
	readonly policies: SharedPolicies | undefined;
	readonly stack: StackSources;
	readonly monitor: StackMonitor;
	readonly recovery: RepairCrewParts;
	readonly health: StackHealth;
	readonly lastChecks: LastChecks;
	readonly planner: ChangePlanner;
	readonly clock: Clock;
	readonly cronTimes: CronTimes;
	readonly sha256: Sha256;
	/** Makes ids that are unique for ever. */
	readonly newId: () => string;
	/** Of n8n; undefined where they are not known. */
	readonly n8nSettings: N8nSettings | undefined;
}

/** A source that a tool needs is not configured. */
export class SourceMissingError extends BulwarkError {
	readonly code = 'SOURCE_MISSING';
}

/** @throws {SourceMissingError} where no database is configured. */
export function databaseOf({ stack }: Services): NonNullable<StackSources['database']> {
	if (stack.database) return stack.database;
	throw new SourceMissingError(
		"n8n's database is not configured, so nothing is known of executions and workflows",
		'Set "database", or start this server with the environment of n8n',
	);
}

/** @throws {SourceMissingError} where no Redis is configured. */
export function sharedPolicies({ policies }: Services): SharedPolicies {
	if (policies) return policies;
	throw new SourceMissingError(
		'No Redis is configured, so nothing is known of policies: steps without one keep their state inside n8n',
		'Set "redis", or "policies.redis" where steps use another one, and choose that Redis in the steps',
	);
}
