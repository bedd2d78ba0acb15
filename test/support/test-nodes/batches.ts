import {
	deepCopy,
	type INodeExecutionData,
	type IPairedItemData,
	type ISourceData,
} from 'n8n-workflow';

import { defineNode } from './define-node';

interface Progress {
	items?: INodeExecutionData[];
	processed: INodeExecutionData[];
	source: ISourceData;
}

/**
 * n8n's own Loop Over Items, whose pairing is peculiar: hands on `size` items at a time, keeps what comes back, and
 * in the end hands on all of it. When what comes in is done already, it starts anew.
 */
export const batches = (size = 1) =>
	defineNode(
		'batches',
		function (list) {
			const context = this.getContext('node') as unknown as Progress;
			const source = this.getInputSourceData();
			const isNew = context.items === undefined;
			if (isNew) {
				Object.assign(context, { items: [...list], processed: [], source: deepCopy(source) });
			} else {
				context.processed.push(
					...list.map((item, index) => ({
						...item,
						pairedItem: { item: index, sourceOverwrite: source },
					})),
				);
			}
			const batch = context.items!.splice(0, size).map((item) =>
				isNew
					? item
					: {
							...item,
							pairedItem: {
								...(item.pairedItem as IPairedItemData),
								sourceOverwrite: context.source,
							},
						},
			);
			return batch.length > 0 ? [[], batch] : [context.processed, []];
		},
		{ outputs: ['main', 'main'], outputNames: ['done', 'loop'] },
	);
