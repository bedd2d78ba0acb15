import type {
	ClientOwners,
	DatabaseServerView,
	ExecutionRepair,
	ExecutionView,
	InstanceRegistryView,
	N8nApi,
	ProcessMetricsView,
	QueueControl,
	QueueView,
	RedisServerControl,
	RedisServerView,
	WorkerCommands,
	WorkflowView,
} from '../ports/stack';

/** Whom the stack can be asked by. What is not configured is undefined: in regular mode there is no Redis. */
export interface StackSources {
	/** Everything that goes by the Redis of n8n's queue. */
	readonly queueMode?: {
		readonly queue: QueueView & QueueControl;
		readonly redis: RedisServerView & RedisServerControl;
		readonly registry: InstanceRegistryView;
		readonly workers: WorkerCommands;
		readonly owners: ClientOwners;
	};
	readonly database?: {
		readonly executions: ExecutionView & ExecutionRepair;
		readonly workflows: WorkflowView;
		readonly server: DatabaseServerView;
		/** Whether processes of n8n on several machines may use it at the same time. */
		readonly isShared?: boolean;
	};
	/** Set where n8n is known to run in regular mode, so that no worker can run anything. */
	readonly isRegular?: boolean;
	readonly processes?: ProcessMetricsView;
	readonly api?: N8nApi;
}
