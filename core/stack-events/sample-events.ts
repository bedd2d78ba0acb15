import { isoTime } from '../iso-time';
import type { SubjectKind } from './look';
import type { StackEvent } from './stack-event';

const samplesAt = (at: number): Readonly<Record<SubjectKind, Omit<StackEvent, 'at'>>> => ({
	'circuit-breaker': {
		type: 'breaker-changed',
		subject: {
			kind: 'circuit-breaker',
			id: '["payment-api",""]',
			title: 'circuit breaker "payment-api"',
		},
		before: 'closed',
		after: 'open',
		evidence: {
			name: 'payment-api',
			key: '',
			state: 'open',
			since: isoTime(at),
			failureRate: 80,
			retryAfterMs: 30_000,
		},
	},
	bulkhead: {
		type: 'bulkhead-saturated',
		subject: { kind: 'bulkhead', id: '["mail",""]', title: 'bulkhead "mail"' },
		before: 'free',
		after: 'saturated',
		evidence: { name: 'mail', key: '', limit: 10, holders: 10, queued: 25 },
	},
	worker: {
		type: 'worker-zombie',
		subject: { kind: 'worker', id: 'worker-1', title: 'worker "worker-1"' },
		before: 'healthy',
		after: 'zombie',
		evidence: { signs: ['it takes no job though some wait and it has free slots'] },
	},
	execution: {
		type: 'execution-lost',
		subject: { kind: 'execution', id: '1234', title: 'execution 1234' },
		before: 'accounted for',
		after: 'lost',
		evidence: { workflowId: 'k2XbL9', reason: 'the worker that ran it is gone' },
	},
	source: {
		type: 'source-lost',
		subject: { kind: 'source', id: 'database', title: 'source "database"' },
		before: 'answering',
		after: 'lost',
		evidence: { why: 'connection refused' },
	},
});

/** What events of these kinds look like, for whoever builds on them while nothing happens. */
export const sampleEvents = (kinds: readonly SubjectKind[], at: number): StackEvent[] =>
	kinds.map((kind) => ({ ...samplesAt(at)[kind], at }));
