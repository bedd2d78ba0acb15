import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { stackProperties, webhookProperties } from '../shared/stack';
import { RESOURCES, type Operation, type Resource } from './operation';
import { operations } from './operations';

const resources = (Object.keys(RESOURCES) as Resource[]).filter((resource) =>
	operations.some((operation) => operation.resource === resource),
);

const operationsOf = (resource: Resource): readonly Operation[] =>
	operations.filter((operation) => operation.resource === resource);

const resourceChoices: INodePropertyOptions[] = resources.map((value) => ({
	name: RESOURCES[value],
	value,
}));

const resourceProperty: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	options: resourceChoices,
	default: 'policy',
	description: 'What the operation is about',
};

function operationProperty(resource: Resource): INodeProperties {
	const options: INodePropertyOptions[] = operationsOf(resource).map(
		({ name, value, action, description }) => ({ name, value, action, description }),
	);
	const first = options[0]!.value;
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options,
		default: first,
		description: 'What the node does',
		displayOptions: { show: { resource: [resource] } },
	};
}

/** What operations of a resource take, each parameter shown for those that have it. */
function parametersOf(resource: Resource): INodeProperties[] {
	const takenBy = new Map<INodeProperties, string[]>();
	for (const { value, properties } of operationsOf(resource))
		for (const property of properties)
			takenBy.set(property, [...(takenBy.get(property) ?? []), value]);
	return [...takenBy].map(([property, operation]) => ({
		...property,
		displayOptions: {
			...property.displayOptions,
			show: { ...property.displayOptions?.show, resource: [resource], operation },
		},
	}));
}

/** All parameters of the node. */
export const operationProperties: INodeProperties[] = [
	resourceProperty,
	...resources.map(operationProperty),
	...resources.flatMap(parametersOf),
	...stackProperties({ resource: ['policy'] }, webhookProperties),
];
