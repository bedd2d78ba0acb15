import type { WorkflowNode } from '../../../core/ports/stack';
import type { Row } from './database';

/** Nodes as n8n stores them, without their credentials. What is no node is passed over, as n8n cannot run it. */
export const workflowNodesOf = (stored: unknown): readonly WorkflowNode[] =>
	Array.isArray(stored) ? stored.filter(isRow).map(workflowNodeOf) : [];

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;

const workflowNodeOf = ({ id, name, type, disabled, parameters }: Row): WorkflowNode => ({
	id: String(id ?? ''),
	name: String(name),
	type: String(type),
	isDisabled: disabled === true,
	parameters: (parameters ?? {}) as WorkflowNode['parameters'],
});
