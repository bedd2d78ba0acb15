import type { IDataObject } from 'n8n-workflow';

import { defineNode, failed, keep } from './define-node';

/** `ok`, `fail`, or the `error` that n8n's nodes would put into the item. */
export type Outcome = 'ok' | 'fail' | { error: string | IDataObject };

/** Per item, by its json's `id`: what happens at the first call, the second, ...; the last repeats. */
export type Plan = Record<string, readonly Outcome[]>;

/**
 * Succeeds and fails item by item as planned (items without a plan succeed). Set
 * `onError: 'continueErrorOutput'` on the node, so that failed items leave by its error output.
 */
export function scripted(plan: Plan = {}) {
	const calls: string[] = [];
	const type = defineNode('scripted', (items) => [
		items.map((item, index) => {
			const id = String(item.json.id);
			const outcomes = plan[id] ?? ['ok'];
			const outcome =
				outcomes[Math.min(calls.filter((call) => call === id).length, outcomes.length - 1)];
			calls.push(id);
			if (outcome === undefined || outcome === 'ok') return keep(item, index);
			return failed(outcome === 'fail' ? `planned failure of ${id}` : outcome.error, index);
		}),
	]);
	return {
		type,
		calls,
		callsOf: (id: string | number) => calls.filter((call) => call === String(id)).length,
	};
}
