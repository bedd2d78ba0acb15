import { defineNode, keep } from './define-node';

/** Makes `parts` items of each (json.part tells them apart), all paired with it. */
export const splitter = (parts = 2) =>
	defineNode('splitter', (items) => [
		items.flatMap((item, index) =>
			Array.from({ length: parts }, (_, part) => keep({ json: { ...item.json, part } }, index)),
		),
	]);
