import type { Endpoint } from '../endpoint.ts';

/** A service that someone can switch off and on. */
export const down: Endpoint = {
	name: 'down',
	summary: 'answers 503 while it is switched off by POST /control, else 200',
	parameters: { status: 'the status while it is down (default 503)' },
	handle(call, state) {
		const status = call.parameters.whole('status', 503, 400, 599);
		const body = { key: call.key, call: call.callNumber };
		return state.outages.isDown(call.key, state.now())
			? { status, body: { ok: false, error: 'the service is down', ...body } }
			: { status: 200, body: { ok: true, ...body } };
	},
};
