import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { stackProperties } from '../shared/stack';
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
		description: 'What to do',
		displayOptions: { show: { resource: [resource] } },
	};
}

/** What an operation has of its own, shown for it alone. */
const ownProperties = ({ resource, value, properties }: Operation): INodeProperties[] =>
	properties.map((property) => ({
		...property,
		displayOptions: {
			...property.displayOptions,
			show: { ...property.displayOptions?.show, resource: [resource], operation: [value] },
		},
	}));

/** All parameters of the node. */
export const operationProperties: INodeProperties[] = [
	resourceProperty,
	...resources.map(operationProperty),
	...operations.flatMap(ownProperties),
	...stackProperties({ resource: ['policy'] }),
];
