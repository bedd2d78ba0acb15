import type { Endpoint } from '../endpoint.ts';
import { BadParameter } from '../parameters.ts';

interface Control {
	down: boolean;
	key?: string;
	forMs?: number;
}

/** Takes the service behind /down off and on. */
export const control: Endpoint = {
	name: 'control',
	methods: ['POST'],
	summary: 'switches /down: {"down": true, "key": "payments", "forMs": 5000}; no key: every key',
	parameters: {},
	uncounted: true,
	handle(call, state) {
		const wanted = readControl(call.body);
		const now = state.now();
		if (wanted.down) state.outages.takeDown(wanted.key, now + (wanted.forMs ?? Infinity));
		else state.outages.bringUp(wanted.key);
		return { status: 200, body: { ...wanted, key: wanted.key ?? 'every key' } };
	},
};

function readControl(body: unknown): Control {
	const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
	const { down: isDown, key, forMs } = given;
	if (typeof isDown !== 'boolean') throw new BadParameter('"down" must be true or false');
	if (key !== undefined && typeof key !== 'string') throw new BadParameter('"key" must be a text');
	if (forMs !== undefined && !(typeof forMs === 'number' && forMs > 0)) {
		throw new BadParameter('"forMs" must be a number above 0');
	}
	return { down: isDown, key, forMs };
}
