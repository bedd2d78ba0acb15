import type { Severity } from '../severity';
import type { Evidence } from '../worker-verdict';

/** What a finding can be about. */
export const COMPONENTS = [
	'n8n',
	'workers',
	'queue',
	'redis',
	'database',
	'executions',
	'policies',
] as const;

export type Component = (typeof COMPONENTS)[number];

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
