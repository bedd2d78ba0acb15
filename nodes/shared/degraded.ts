import type { INodeExecutionData } from 'n8n-workflow';

import type { Permit } from '../../core/ports';

/** An item whose call was let through while the shared state could not be reached, marked as such under `degraded`. */
export const markDegraded = (
	item: INodeExecutionData,
	degraded: Permit['degraded'],
): INodeExecutionData =>
	degraded === undefined
		? item
		: {
				...item,
				json: {
					...item.json,
					degraded: { code: 'STORE_UNREACHABLE', whenRedisIsDown: degraded },
				},
			};
