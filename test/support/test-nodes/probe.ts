import { defineNode, keep, property } from './define-node';

/** Evaluates its parameter `value` for each item into json.probed; an error shows as its text. */
export const probe = () =>
	defineNode(
		'probe',
		function (items) {
			return [
				items.map((item, index) => {
					let probed: unknown;
					try {
						probed = this.getNodeParameter('value', index);
					} catch (error) {
						probed = `${(error as Error).name}: ${(error as Error).message}`;
					}
					return keep({ json: { ...item.json, probed: probed as string } }, index);
				}),
			];
		},
		{ properties: [property('value')] },
	);
