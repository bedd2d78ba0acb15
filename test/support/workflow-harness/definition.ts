import type {
	ExecutionStatus,
	ICredentialDataDecryptedObject,
	IConnections,
	IDataObject,
	INode,
	INodeExecutionData,
	INodeType,
	IPinData,
	IRun,
	IRunExecutionData,
	IVersionedNodeType,
	IWorkflowSettings,
	RelatedExecution,
	WorkflowExecuteMode,
} from 'n8n-workflow';

export type NodeTypesByName = Record<string, INodeType | IVersionedNodeType>;

export interface WorkflowDefinition {
	nodes: Array<Partial<INode> & Pick<INode, 'name' | 'type'>>;
	/** As in a workflow file, or wires such as `Call.Error -> Retry.Failed`. */
	connections: IConnections | readonly string[];
	settings?: IWorkflowSettings;
}

export interface RunOptions extends WorkflowDefinition {
	nodeTypes: NodeTypesByName;
	/** Fields of the credentials that nodes may use, by type. */
	credentials?: Record<string, ICredentialDataDecryptedObject>;
	/** Published workflows that nodes may run, by id. */
	subWorkflows?: Record<string, WorkflowDefinition>;
	/** What the first node (or `startNode`) receives; one empty item by default. */
	items?: readonly INodeExecutionData[] | readonly IDataObject[];
	startNode?: string;
	mode?: WorkflowExecuteMode;
	/** As "Execute step" in the editor: run only what this node needs. */
	destinationNode?: string;
	pinData?: IPinData;
	/** Stops the execution, as the editor's stop button does. */
	signal?: AbortSignal;
	/** The same, by time in ms. */
	cancelAfter?: number;
	/** Told what n8n would save, each time that it would where progress is saved. */
	onProgress?: (data: IRunExecutionData) => void;
	workflowId?: string;
}

export interface ExecutionRecord {
	executionId: string;
	workflowId: string;
	parentExecution?: RelatedExecution;
	status: ExecutionStatus;
	run?: IRun;
}
