/** The part of a workflow's JSON that scripts and tests look at. */
export interface WorkflowJson {
	id?: string;
	name: string;
	nodes: Array<{
		name: string;
		type: string;
		parameters?: Record<string, unknown>;
		[field: string]: unknown;
	}>;
	connections: Record<string, unknown>;
	settings?: Record<string, unknown>;
	[field: string]: unknown;
}

/** A workflow as n8n keeps it. */
export interface StoredWorkflow extends WorkflowJson {
	id: string;
	/** Changes with every change of nodes or connections. */
	versionId: string;
	/** The version that is published, null when none is. */
	activeVersionId: string | null;
	isArchived: boolean;
}

export type ExecutionStatus =
	'new' | 'running' | 'waiting' | 'success' | 'error' | 'canceled' | 'crashed' | 'unknown';

export interface ExecutionSummary {
	id: string;
	status: ExecutionStatus;
	mode: string;
	workflowId: string;
	startedAt: string | null;
	stoppedAt: string | null;
	waitTill: string | null;
}

/** One run of one node within an execution. */
export interface NodeRun {
	startTime: number;
	executionTime: number;
	executionStatus?: ExecutionStatus;
	error?: { message: string; description?: string; name?: string; [field: string]: unknown };
	/** Items by output: `data.main[output][item]`. */
	data?: { main: Array<Array<{ json: Record<string, unknown>; pairedItem?: unknown }> | null> };
	[field: string]: unknown;
}

/** An execution with what its nodes did. */
export interface Execution extends ExecutionSummary {
	data: {
		resultData: {
			runData: Record<string, NodeRun[]>;
			lastNodeExecuted?: string;
			error?: { message: string; description?: string; [field: string]: unknown };
		};
		[field: string]: unknown;
	};
}

/** A credential as nodes refer to it. */
export interface CredentialReference {
	id: string;
	name: string;
}

export interface Login {
	email: string;
	password: string;
}
