import { defineNode, keep } from './define-node';

/** Passes items on: a place to start from, or to end in. */
export const start = () => defineNode('start', (items) => [items.map(keep)]);
