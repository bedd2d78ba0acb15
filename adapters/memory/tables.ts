import {
	breakerQuorum,
	type BreakerQuorumOptions,
	type BreakerQuorumState,
} from '../../core/policies/breaker-quorum';
import { bulkhead, type BulkheadOptions, type BulkheadState } from '../../core/policies/bulkhead';
import {
	circuitBreaker,
	type CircuitBreakerOptions,
	type CircuitBreakerState,
} from '../../core/policies/circuit-breaker';
import { rateLimiterMachine, type RateLimiterOptions } from '../../core/policies/rate-limiter';
import { retryBudget, type RetryBudgetOptions } from '../../core/policies/retry-budget';
import { timeout, type TimeoutOptions, type TimeoutState } from '../../core/policies/timeout';
import type { PolicyDefinition, PolicyKind } from '../../core/ports';
import type { CellPools } from './cell-pools';
import { CellTable } from './cell-table';
import type { PolicyTable } from './policy-table';
import { RecordTable } from './record-table';

/** A policy's table by kind, where a caller needs more than every table can do. */
export type BreakerTable = RecordTable<CircuitBreakerState, CircuitBreakerOptions>;
export type QuorumTable = RecordTable<BreakerQuorumState, BreakerQuorumOptions>;
export type BulkheadTable = RecordTable<BulkheadState, BulkheadOptions>;
export type TimeoutTable = RecordTable<TimeoutState, TimeoutOptions>;

/** Identity of a policy's state. What is counted in other units, such as spans of another length, is another state. */
export function tableName({ kind, name, options }: PolicyDefinition): string {
	switch (kind) {
		case 'rate-limiter':
			return `${kind}:${options.adaptive ? 'adaptive:' : ''}${options.algorithm}:${options.periodMs}:${name}`;
		case 'retry-budget':
			return `${kind}:${options.ttlMs}:${name}`;
		case 'timeout':
			return `${kind}:${options.windowMs}:${name}`;
		default:
			return plainTableName(kind, name)!;
	}
}

/** The same where it does not depend on the options. */
export function plainTableName(kind: PolicyKind, name: string): string | undefined {
	switch (kind) {
		case 'circuit-breaker':
		case 'breaker-quorum':
		case 'bulkhead':
			return `${kind}:${name}`;
		default:
			return undefined;
	}
}

/** An empty table of the right kind. */
export function createTable({ kind, options }: PolicyDefinition, pools: CellPools): PolicyTable {
	switch (kind) {
		case 'circuit-breaker':
			return new RecordTable(circuitBreaker, options);
		case 'breaker-quorum':
			return new RecordTable(breakerQuorum, options);
		case 'bulkhead':
			return new RecordTable(bulkhead, options);
		case 'timeout':
			return new RecordTable(timeout, options);
		case 'rate-limiter': {
			const machine = rateLimiterMachine(options);
			return new CellTable<RateLimiterOptions>(machine, options, pools.of(machine.size));
		}
		case 'retry-budget':
			return new CellTable<RetryBudgetOptions>(retryBudget, options, pools.of(retryBudget.size));
	}
}
