import { timeOf } from '../time-of';

/** What never changes of a job. */
export interface JobFacts {
	readonly executionId: string;
	readonly workflowId: string;
	readonly priority: number;
	/** 0 where it is not known. */
	readonly addedAt: number;
}

/** @param fields data, priority and time of adding. @returns undefined where it is gone, or is none of n8n's. */
export function jobFactsOf(fields: ReadonlyArray<string | null>): JobFacts | undefined {
	const [data, priority, timestamp] = fields;
	if (!data) return undefined;
	const { executionId, workflowId } = parsed(data);
	if (!isId(executionId)) return undefined;
	return {
		executionId: String(executionId),
		workflowId: isId(workflowId) ? String(workflowId) : '',
		priority: Number(priority ?? 0),
		addedAt: timeOf(timestamp) ?? 0,
	};
}

/** Whether both are of one job, and not of two that had the same id. */
export const isSameJob = (a: JobFacts, b: JobFacts): boolean =>
	a.executionId === b.executionId && a.addedAt === b.addedAt;

const isId = (value: unknown): value is string | number =>
	typeof value === 'string' || typeof value === 'number';

function parsed(data: string): { readonly executionId?: unknown; readonly workflowId?: unknown } {
	try {
		return (JSON.parse(data) as object | null) ?? {};
	} catch {
		return {};
	}
}
