/** What never changes of a job. */
export interface JobFacts {
	readonly executionId: string;
	readonly workflowId: string;
	readonly priority: number;
	readonly addedAt: number;
}

/** Fields of the hash in which Bull keeps a job. */
export const JOB_FIELDS = ['data', 'priority', 'timestamp'] as const;

/** @returns undefined where the job is gone, or is none of n8n's. */
export function jobFactsOf(fields: ReadonlyArray<string | null>): JobFacts | undefined {
	const [data, priority, timestamp] = fields;
	if (!data) return undefined;
	const { executionId, workflowId } = parsed(data);
	if (!isId(executionId)) return undefined;
	return {
		executionId: String(executionId),
		workflowId: isId(workflowId) ? String(workflowId) : '',
		priority: Number(priority ?? 0),
		addedAt: Number(timestamp ?? 0),
	};
}

const isId = (value: unknown): value is string | number =>
	typeof value === 'string' || typeof value === 'number';

function parsed(data: string): { readonly executionId?: unknown; readonly workflowId?: unknown } {
	try {
		return (JSON.parse(data) as object | null) ?? {};
	} catch {
		return {};
	}
}
