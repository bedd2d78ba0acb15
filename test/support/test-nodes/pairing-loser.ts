import { defineNode, keep } from './define-node';

/**
 * Says nothing about pairing. n8n would still guess as long as the counts match, so each item comes
 * out `copies` times: then it cannot.
 */
export const pairingLoser = (copies = 2) =>
	defineNode('pairingLoser', (items) => [
		items.flatMap((item) =>
			Array.from({ length: copies }, () => ({ ...keep(item, 0), pairedItem: undefined })),
		),
	]);
