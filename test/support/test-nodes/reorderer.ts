import { defineNode, keep } from './define-node';

/** Turns the order round, with correct pairing. */
export const reorderer = () => defineNode('reorderer', (items) => [items.map(keep).reverse()]);
