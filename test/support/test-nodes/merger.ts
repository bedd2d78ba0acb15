import { defineNode } from './define-node';

/** Makes one item of all, paired with each of them; json.ids lists them. */
export const merger = () =>
	defineNode('merger', (items) => [
		[
			{
				json: { ids: items.map(({ json }) => json.id ?? null) },
				pairedItem: items.map((_, item) => ({ item })),
			},
		],
	]);
