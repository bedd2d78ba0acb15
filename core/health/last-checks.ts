import type { WorkflowAudit } from './schedule-audit';
import type { SyntheticReport } from './synthetic-check';

/** Workflows that are remembered; those audited or checked longest ago leave. */
const MOST_WORKFLOWS = 1_000;

/** A synthetic check that has ended. */
export interface EndedCheck {
	readonly report: SyntheticReport;
	/** When, ms since the epoch. */
	readonly endedAt: number;
}

/** Of each workflow, what its last audit and its last synthetic check found, in this process. */
export class LastChecks {
	private readonly audited = new Map<string, WorkflowAudit>();
	private readonly checked = new Map<string, EndedCheck>();

	get audits(): readonly WorkflowAudit[] {
		return [...this.audited.values()];
	}

	get checks(): readonly EndedCheck[] {
		return [...this.checked.values()];
	}

	noteAudits(audits: readonly WorkflowAudit[]): void {
		for (const audit of audits) keep(this.audited, audit.workflowId, audit);
	}

	/** The prebuilt workflow may be one of which nothing is known. */
	noteCheck(check: EndedCheck): void {
		keep(this.checked, check.report.workflow?.id ?? '', check);
	}
}

function keep<Value>(all: Map<string, Value>, id: string, value: Value): void {
	all.delete(id);
	all.set(id, value);
	if (all.size > MOST_WORKFLOWS) all.delete(all.keys().next().value!);
}
