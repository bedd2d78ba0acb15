import { LastUsed } from '../last-used';
import type { WorkflowAudit } from './schedule-audit';
import type { SyntheticReport } from './synthetic-check';

/** Workflows that are remembered; those audited or checked longest ago leave. */
const MOST_WORKFLOWS = 1_000;

/** An audit of the schedules of a workflow, of whose fires only the counts are kept: their times may be thousands. */
export interface EndedAudit extends Pick<WorkflowAudit, 'workflowId' | 'name' | 'from' | 'to'> {
	readonly fires: {
		/** Of these some are missed, doubled or late. */
		readonly due: number;
		readonly missed: number;
		readonly doubled: number;
		readonly late: number;
	};
}

/** A synthetic check that has ended. */
export interface EndedCheck {
	readonly report: SyntheticReport;
	/** When, ms since the epoch. */
	readonly endedAt: number;
}

/** Of each workflow, what its last audit and its last synthetic check found, in this process. */
export class LastChecks {
	private readonly audited = new LastUsed<EndedAudit>(MOST_WORKFLOWS);
	private readonly checked = new LastUsed<EndedCheck>(MOST_WORKFLOWS);

	get audits(): readonly EndedAudit[] {
		return this.audited.all();
	}

	get checks(): readonly EndedCheck[] {
		return this.checked.all();
	}

	noteAudits(audits: readonly WorkflowAudit[]): void {
		for (const audit of audits) this.audited.set(audit.workflowId, endedAuditOf(audit));
	}

	/** The prebuilt workflow may be one of which nothing is known. */
	noteCheck(check: EndedCheck): void {
		this.checked.set(check.report.workflow?.id ?? '', check);
	}
}

const endedAuditOf = ({
	workflowId,
	name,
	from,
	to,
	expected,
	fires: { missed, doubled, late },
}: WorkflowAudit): EndedAudit => ({
	...{ workflowId, name, from, to },
	fires: {
		due: expected,
		missed: missed.length,
		doubled: doubled.length,
		late: late.length,
	},
});
