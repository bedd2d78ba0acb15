import type { Severity } from '../thresholds';
import type { Evidence } from '../worker-verdict';

export type Component =
	'n8n' | 'workers' | 'queue' | 'redis' | 'database' | 'executions' | 'policies';

/** Playbooks that say step by step what to do. */
export type PlaybookName =
	| 'queue-backs-up'
	| 'worker-zombie'
	| 'redis-failover'
	| 'postgres-pool-exhausted'
	| 'breaker-storm';

/** Something that is not as it should be, or soon will not be. */
export interface Finding {
	/** What kind of finding it is; stays the same for two major versions. */
	readonly id: string;
	readonly severity: Severity;
	readonly component: Component;
	/** Which of several it is about, such as a worker's id. */
	readonly subject?: string;
	/** One sentence. */
	readonly summary: string;
	readonly evidence: readonly Evidence[];
	/** What to do about it. */
	readonly remedy: string;
	readonly playbook?: PlaybookName;
}

const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** The worst first. */
export const bySeverity = (one: Finding, other: Finding): number =>
	RANK[one.severity] - RANK[other.severity];
