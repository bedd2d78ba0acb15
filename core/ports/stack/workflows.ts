/** A node of a workflow, as far as it matters outside n8n. */
export interface WorkflowNode {
	readonly id: string;
	readonly name: string;
	/** Such as `n8n-nodes-base.scheduleTrigger`. */
	readonly type: string;
	readonly isDisabled: boolean;
	/** As the user set them; may hold expressions. */
	readonly parameters: Readonly<Record<string, unknown>>;
}

/** What an execution runs: its workflow as it was when it began, whatever was changed since. */
export interface ExecutedWorkflow {
	readonly nodes: readonly WorkflowNode[];
	/** From which node to which its wires lead, by their names. */
	readonly wires: ReadonlyArray<readonly [from: string, to: string]>;
}

/** A workflow as it is published, without what its nodes are to do, which can be many megabytes. */
export interface WorkflowOutline {
	readonly id: string;
	readonly name: string;
	/** Such as timezone, executionTimeout, saveDataSuccessExecution. */
	readonly settings: Readonly<Record<string, unknown>>;
	readonly nodes: ReadonlyArray<Pick<WorkflowNode, 'type' | 'isDisabled'>>;
}

/** A workflow as it is published. */
export interface WorkflowRecord extends WorkflowOutline {
	readonly isActive: boolean;
	readonly tags: readonly string[];
	readonly nodes: readonly WorkflowNode[];
	/** When anything of it was changed last, published or not. */
	readonly updatedAt: number;
	/** When what runs was published; undefined where n8n does not say. */
	readonly publishedAt?: number;
}

export interface WorkflowView {
	find(ids: readonly string[]): Promise<readonly WorkflowRecord[]>;
	/** Active ones, by id. @param after the id of the last of the page before. @param limit from 1 to 1,000. */
	active(limit: number, after?: string): Promise<readonly WorkflowRecord[]>;
	/** The same in outline. */
	outlines(limit: number, after?: string): Promise<readonly WorkflowOutline[]>;
}
