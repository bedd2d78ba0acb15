import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';
import { z } from 'zod';

import { choice, describeOptions } from '../../../core/options';
import { optionsSchemas } from '../../../core/policies/define';
import type { PolicyKind } from '../../../core/ports';
import { LONGEST_KEY } from '../longest-key';
import { propertiesOf } from './option-property';

/** Where the settings of a step's policies come from. */
export const settingsOptions = z.strictObject({
	settings: choice({ here: 'Defined Here', named: 'Named Policy' }, 'here', {
		title: 'Settings',
		description:
			'Defined Here: this step has settings of its own. Named Policy: it goes by those of another step that has this shared name, and shares its state',
	}),
});

const whenNamed = { show: { settings: ['named'] } };

const settingsProperties: INodeProperties[] = [
	...propertiesOf(settingsOptions, { extras: { settings: { noDataExpression: true } } }),
	{
		displayName: 'Policy Name',
		name: 'namedPolicy',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. payment-api',
		description: `The shared name of a step that has the settings, in any workflow; it must have run before. At most ${LONGEST_KEY} characters.`,
		displayOptions: whenNamed,
	},
];

/** The parameters of a step that can take policies of these kinds by name: what defines them is hidden then. */
export function withNamedPolicies(
	kinds: readonly PolicyKind[],
	properties: readonly INodeProperties[],
): INodeProperties[] {
	const options = kinds.flatMap((kind) => describeOptions(optionsSchemas[kind]));
	const defining = new Set([...options.map(({ name }) => name), 'policyName']);
	return [
		...settingsProperties,
		...properties.map((property) =>
			property.type === 'collection'
				? collectionOf(property, defining)
				: hiddenIf(defining.has(property.name), property, 'settings'),
		),
	];
}

/** A group of which nothing would be left is hidden as a whole. */
function collectionOf(collection: INodeProperties, defining: ReadonlySet<string>): INodeProperties {
	const options = collection.options as INodeProperties[];
	const isAllDefining = options.every(({ name }) => defining.has(name));
	if (isAllDefining) return hiddenIf(true, collection, 'settings');
	return {
		...collection,
		options: options.map((option) => hiddenIf(defining.has(option.name), option, '/settings')),
	};
}

function hiddenIf(isDefining: boolean, property: INodeProperties, path: string): INodeProperties {
	if (!isDefining) return property;
	const { show, hide }: IDisplayOptions = property.displayOptions ?? {};
	return {
		...property,
		displayOptions: { ...(show && { show }), hide: { ...hide, [path]: ['named'] } },
	};
}
