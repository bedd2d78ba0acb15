import type { MatchedFires } from './match-fires';

/** The worst first. `nothing due`: it did not have to fire within the time. */
export const AUDIT_VERDICTS = [
	'missed',
	'doubled',
	'late',
	'cannot tell',
	'as expected',
	'nothing due',
] as const;

export type AuditVerdict = (typeof AUDIT_VERDICTS)[number];

/** Whether the schedules of a workflow fired as they must. */
export interface WorkflowAudit {
	readonly workflowId: string;
	readonly name: string;
	readonly timezone: string;
	/** Of its triggers. */
	readonly triggers: readonly string[];
	/** For which time, ms since the epoch. */
	readonly from: number;
	readonly to: number;
	readonly verdict: AuditVerdict;
	readonly expected: number;
	readonly fires: MatchedFires;
	/** What is therefore not known. */
	readonly cannotTell: readonly string[];
}
