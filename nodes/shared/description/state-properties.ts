import type { INodeProperties } from 'n8n-workflow';

import type { WhenStoreIsDown } from '../../../core/store-outage';
import { stateOptionsOf } from '../state/state-options';
import { propertiesOf } from './option-property';

/** Parameters that say where a step's state is kept. */
export const stateProperties = (whenRedisIsDown?: WhenStoreIsDown): INodeProperties[] =>
	propertiesOf(stateOptionsOf(whenRedisIsDown), {
		extras: {
			state: { noDataExpression: true },
			whenRedisIsDown: { noDataExpression: true },
		},
	});
