import type { INodeProperties } from 'n8n-workflow';

import type { Step } from '../step';
import { stateProperties } from '../state/state-properties';
import { guardProperties } from './common-properties';

/** All parameters of a step's node. */
export const stepProperties = ({ properties }: Step): INodeProperties[] => [
	...guardProperties,
	...stateProperties,
	...properties,
];
