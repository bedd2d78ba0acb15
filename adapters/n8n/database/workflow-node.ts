import type { WorkflowNode } from '../../../core/ports/stack';
import type { Row } from './database';

/** A node as n8n stores it, without its credentials. */
export const workflowNodeOf = ({ id, name, type, disabled, parameters }: Row): WorkflowNode => ({
	id: String(id ?? ''),
	name: String(name),
	type: String(type),
	isDisabled: disabled === true,
	parameters: (parameters ?? {}) as WorkflowNode['parameters'],
});
