import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { optionsSchemas } from '../../../../core/policies/define';
import { kindInWords } from '../../../../core/policy-registry';
import type { PolicyAddress, PolicyKind } from '../../../../core/ports';
import type { ItemParameters } from '../../../shared/item-parameters';
import { titled } from '../../any-or-one';

export const KINDS = Object.keys(optionsSchemas) as PolicyKind[];

export const kindTitle = (kind: PolicyKind): string => titled(kindInWords(kind));

/** All kinds of policies, as choices. */
const kindChoices: INodePropertyOptions[] = KINDS.map((value) => ({
	name: kindTitle(value),
	value,
}));

/** Parameters that name one state of one policy. */
export const addressProperties: readonly INodeProperties[] = [
	{
		displayName: 'Kind',
		name: 'kind',
		type: 'options',
		options: kindChoices,
		default: 'circuit-breaker',
		description: 'Kind of the policy',
	},
	{
		displayName: 'Name',
		name: 'name',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. payment-api',
		description: 'The shared name of the steps that use it, as Get Many shows it',
	},
	{
		displayName: 'Key',
		name: 'key',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.tenant }}',
		description: 'Which of its states: a user, a tenant, a service. Empty: the one for all calls.',
	},
];

/** @throws {NodeOperationError} where a parameter cannot be used. */
export function readAddress(parameters: ItemParameters): PolicyAddress {
	const name = parameters.text('name');
	if (name === '')
		throw parameters.invalid('name', name, 'a name is needed', 'Take one that Get Many shows');
	return { kind: parameters.choice('kind', KINDS), name, key: parameters.text('key') };
}
