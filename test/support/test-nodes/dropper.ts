import type { IDataObject } from 'n8n-workflow';

import { defineNode, keep } from './define-node';

/** Lets only some items through, as a filter does. */
export const dropper = (passes: (json: IDataObject) => boolean = () => false) =>
	defineNode('dropper', (items) => [items.map(keep).filter(({ json }) => passes(json))]);
