import type { INodeProperties } from 'n8n-workflow';

import type { Step } from '../step';
import { stateProperties } from './state-properties';
import { guardProperties } from './common-properties';
import { withNamedPolicies } from './settings-properties';

/** All parameters of a step's node. */
export const stepProperties = ({
	properties,
	namedPolicies,
	whenRedisIsDown,
}: Step): INodeProperties[] => [
	...guardProperties,
	...stateProperties(whenRedisIsDown),
	...(namedPolicies ? withNamedPolicies(namedPolicies, properties) : properties),
];
