import { NodeOperationError } from 'n8n-workflow';

import { defineNode } from './define-node';

/** Throws: ends the workflow, unless the node's `onError` says otherwise. */
export const stopper = (message = 'stopped on purpose') =>
	defineNode('stopper', function () {
		throw new NodeOperationError(this.getNode(), message, { description: 'by the stopper' });
	});
