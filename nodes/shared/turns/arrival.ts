import type { INodeExecutionData, ISourceData } from 'n8n-workflow';

/** What came back at once on one of the step's inputs. */
export interface Arrival {
	readonly input: number;
	readonly items: readonly INodeExecutionData[];
	readonly source?: ISourceData | null;
	/** Whether it belongs to this run, rather than to one that would have come next. */
	readonly isOwn: boolean;
}
