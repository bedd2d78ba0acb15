import type { Endpoint } from '../endpoint.ts';
import { RETRY_AFTER_HELP, retryAfterHeader } from '../retry-after.ts';

/** Refuses what is over a quota, as many real APIs do. */
export const limited: Endpoint = {
	name: 'limited',
	summary: 'answers `limit` calls of a key in each `periodMs`, and 429 with Retry-After beyond',
	parameters: {
		limit: 'calls in a period (default 5)',
		periodMs: 'the length of a period (default 1000)',
		retryAfter: RETRY_AFTER_HELP,
	},
	handle(call, state) {
		const limit = call.parameters.whole('limit', 5, 0, 1_000_000);
		const periodMs = call.parameters.number('periodMs', 1000, 1, 86_400_000);
		const now = state.now();
		const answer = state.windows.take(call.key, limit, periodMs, now);
		const body = { key: call.key, call: call.callNumber, remaining: answer.remaining };
		if (answer.admitted) return { status: 200, body: { ok: true, ...body } };
		return {
			status: 429,
			headers: retryAfterHeader(call, answer.resetMs, now),
			body: { ok: false, error: 'too many calls', retryAfterMs: answer.resetMs, ...body },
		};
	},
};
