import type { LintRule } from '../lint-rule';
import { concurrencyRules } from './concurrency';
import { databaseRules } from './database';
import { instanceRules } from './instances';
import { jobLockRules } from './job-locks';
import { pruningRules } from './pruning';
import { recoveryRules } from './recovery';
import { redisConnectionRules } from './redis-connections';
import { redisServerRules } from './redis-server';
import { savedDataRules } from './saved-data';
import { shutdownRules } from './shutdown';
import { storageRules } from './storage';
import { timeAndAddressRules } from './time-and-address';

/** All that is known to lose executions of n8n. */
export const LINT_RULES: readonly LintRule[] = [
	...redisConnectionRules,
	...redisServerRules,
	...jobLockRules,
	...shutdownRules,
	...savedDataRules,
	...storageRules,
	...databaseRules,
	...concurrencyRules,
	...pruningRules,
	...recoveryRules,
	...instanceRules,
	...timeAndAddressRules,
];
