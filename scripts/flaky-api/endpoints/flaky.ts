import type { Endpoint } from '../endpoint.ts';
import { seededChance } from '../seeded-chance.ts';

/** Fails the first calls of each key, then succeeds. */
export const flaky: Endpoint = {
	name: 'flaky',
	summary: 'fails the first `fail` calls of each key with `status`, then answers 200',
	parameters: {
		fail: 'how many calls of a key fail first (default 2)',
		status: 'the status of a failure (default 503)',
		repeat: 'set it to start over after each success: fail, fail, 200, fail, fail, 200, ...',
		rate: 'instead of `fail`: the share of calls that fail, 0 to 1, by chance',
		seed: 'with `rate`: the same seed fails the same calls of a key (default 1)',
		ms: 'how long each answer takes (default 0)',
	},
	async handle(call, state) {
		const { parameters, callNumber } = call;
		const fail = parameters.whole('fail', 2, 0, 1_000_000);
		const status = parameters.whole('status', 503, 200, 599);
		const rate = parameters.number('rate', 0, 0, 1);
		await call.hold(parameters.number('ms', 0, 0, 600_000));
		const byChance = parameters.optionalText('rate') !== undefined;
		const turn = parameters.flag('repeat') ? ((callNumber - 1) % (fail + 1)) + 1 : callNumber;
		const failed = byChance
			? seededChance(parameters.text('seed', '1'), call.key, callNumber) < rate
			: turn <= fail;
		const body = { key: call.key, call: callNumber, at: new Date(state.now()).toISOString() };
		if (!failed) return { status: 200, body: { ok: true, ...body } };
		const error = byChance ? 'failed by chance' : `failing the first ${fail} calls`;
		return { status, body: { ok: false, error, ...body } };
	},
};
