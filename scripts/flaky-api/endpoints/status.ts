import type { Endpoint } from '../endpoint.ts';
import { BadParameter } from '../parameters.ts';
import { RETRY_AFTER_HELP, retryAfterHeader } from '../retry-after.ts';

/** Answers with the status in its path. */
export const status: Endpoint = {
	name: 'status',
	summary: '/status/503 answers 503, and so on',
	parameters: {
		retryAfterMs: 'adds Retry-After with that wait',
		retryAfter: RETRY_AFTER_HELP,
	},
	handle(call, state) {
		const code = Number(call.segments[0]);
		if (!Number.isInteger(code) || code < 200 || code > 599) {
			throw new BadParameter('the path is /status/<a status from 200 to 599>');
		}
		const waitMs = call.parameters.number('retryAfterMs', -1, 0, 86_400_000);
		return {
			status: code,
			headers: waitMs >= 0 ? retryAfterHeader(call, waitMs, state.now()) : {},
			body: { ok: code < 400, status: code, key: call.key, call: call.callNumber },
		};
	},
};
