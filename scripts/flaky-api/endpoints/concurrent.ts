import type { Endpoint } from '../endpoint.ts';
import { LONGEST_HOLD_MS } from '../parameters.ts';

/** Shows how many calls were under way at once. */
export const concurrent: Endpoint = {
	name: 'concurrent',
	summary: 'holds the call for `ms` and tells how many calls of the key are and were in flight',
	parameters: {
		ms: 'how long the call is held (default 200)',
		max: 'answers 503 at once when more than that many are in flight (default: no limit)',
	},
	async handle(call) {
		const ms = call.parameters.number('ms', 200, 0, LONGEST_HOLD_MS);
		const max = call.parameters.whole('max', Number.MAX_SAFE_INTEGER, 1, Number.MAX_SAFE_INTEGER);
		const { key, callNumber, record } = call;
		const inFlight = record.inFlight;
		const body = { key, call: callNumber, inFlight };
		if (inFlight > max) {
			return { status: 503, body: { ok: false, error: `more than ${max} in flight`, ...body } };
		}
		await call.hold(ms);
		return { status: 200, body: { ok: true, ...body, maxInFlight: record.maxInFlight } };
	},
};
