import type { Endpoint } from '../endpoint.ts';

/** Starts over. */
export const reset: Endpoint = {
	name: 'reset',
	methods: ['POST'],
	summary: 'forgets all counters, quotas and outages, or those of one key',
	parameters: { key: 'only this key' },
	uncounted: true,
	handle(call, state) {
		const key = call.parameters.optionalText('key');
		state.ledger.reset(key);
		state.windows.reset(key);
		state.outages.bringUp(key);
		return { status: 200, body: { ok: true, reset: key ?? 'every key' } };
	},
};
