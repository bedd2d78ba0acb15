import type { Endpoint } from '../endpoint.ts';
import { LONGEST_HOLD_MS } from '../parameters.ts';

/** Answers late. */
export const slow: Endpoint = {
	name: 'slow',
	summary: 'answers after `ms`',
	parameters: {
		ms: 'how long the answer takes (default 1000)',
		status: 'the status of the answer (default 200)',
	},
	async handle(call) {
		const ms = call.parameters.number('ms', 1000, 0, LONGEST_HOLD_MS);
		const status = call.parameters.whole('status', 200, 200, 599);
		await call.hold(ms);
		return { status, body: { ok: status < 400, key: call.key, call: call.callNumber, ms } };
	},
};
