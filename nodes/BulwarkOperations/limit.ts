import type { INodeProperties } from 'n8n-workflow';
import { z } from 'zod';

import { integer, toggle } from '../../core/options';
import { propertiesOf } from '../shared/description';
import type { ItemParameters } from '../shared/item-parameters';

const limitOptions = z.strictObject({
	returnAll: toggle(false, {
		title: 'Return All',
		description: 'Whether to return all results or only up to a given limit',
	}),
	limit: integer(1, 10_000, 50, {
		title: 'Limit',
		description: 'Max number of results to return',
		showWhen: { returnAll: [false] },
	}),
});

/** How many items a list may have, as users know it of other nodes. */
export const limitProperties: readonly INodeProperties[] = propertiesOf(limitOptions);

export function readLimit(parameters: ItemParameters): number {
	const { returnAll, limit } = parameters.options(limitOptions);
	return returnAll ? Infinity : limit;
}
