import type { Subject, SubjectKind } from './look';

/** What a change is called, by what changed and whether it is in order now. */
export const EVENT_TYPES = {
	'circuit-breaker': { trouble: 'breaker-changed', order: 'breaker-changed' },
	bulkhead: { trouble: 'bulkhead-saturated', order: 'bulkhead-relieved' },
	worker: { trouble: 'worker-zombie', order: 'worker-recovered' },
	execution: { trouble: 'execution-lost', order: 'execution-settled' },
	source: { trouble: 'source-lost', order: 'source-back' },
} as const satisfies Readonly<Record<SubjectKind, { trouble: string; order: string }>>;

export type StackEventType = (typeof EVENT_TYPES)[SubjectKind]['trouble' | 'order'];

/** One thing is in another condition than when it was last looked at. */
export interface StackEvent {
	readonly type: StackEventType;
	/** When it was seen, ms since the epoch. */
	readonly at: number;
	readonly subject: Subject;
	readonly before: string;
	readonly after: string;
	/** How long it was as before, in ms; undefined where it was in order. */
	readonly lastedMs?: number;
	/** What the new condition follows from. */
	readonly evidence: Readonly<Record<string, unknown>>;
}
