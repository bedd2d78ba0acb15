import type { Principal } from '../../core/access';
import type { AuditOutcome } from '../../core/audit';
import type { Clock } from '../../core/ports';
import type { Redactor } from './redactor';

/** Notes what was asked for and what became of it. */
export type NoteAudit = (event: {
	readonly who: Principal;
	readonly operation: string;
	readonly input: unknown;
	readonly outcome: AuditOutcome;
	readonly detail?: string;
	readonly durationMs?: number;
}) => Promise<void>;

/** What every call of a tool goes by. */
export interface ToolHost<Services> {
	readonly services: Services;
	readonly redactor: Redactor;
	readonly clock: Clock;
	/** Whether a plan needs the yes of a client that cannot ask anyone. */
	readonly confirmation: 'required' | 'when possible';
	readonly audit: NoteAudit;
	/** For what nobody expected. */
	readonly onError: (error: Error) => void;
}

/** Who asks, and by which revision of the protocol. */
export interface Asking {
	readonly who: Principal;
	readonly era: 'legacy' | 'modern';
}
