import { busiestWindow } from '../busiest-window.ts';
import type { CallRecord } from '../call-ledger.ts';
import type { Endpoint } from '../endpoint.ts';

/** What /stats tells of one endpoint and key. */
export interface CallStats {
	calls: number;
	inFlight: number;
	maxInFlight: number;
	statuses: Record<string, number>;
	/** ISO times of the first (remembered) and the latest call. */
	firstAt: string | null;
	lastAt: string | null;
	/** Calls in the latest `windowMs`, and the most in any window of that length. */
	lastWindow: number;
	busiestWindow: number;
	/** When the latest calls arrived, in ms since 1970, oldest first: as many as were asked for, if any. */
	arrivals?: number[];
}

/** `{endpoint: {key: figures}}`. */
export type Stats = Record<string, Record<string, CallStats>>;

/** Tells what arrived. */
export const stats: Endpoint = {
	name: 'stats',
	methods: ['GET'],
	summary: 'counts by endpoint and key: calls, in flight, statuses, busiest window',
	parameters: {
		windowMs: 'the length of the window to count in (default 1000)',
		arrivals: 'how many of the latest calls to tell the times of (default 0)',
		key: 'only this key',
	},
	uncounted: true,
	handle(call, state) {
		const windowMs = call.parameters.number('windowMs', 1000, 1, 86_400_000);
		const times = call.parameters.whole('arrivals', 0, 0, 10_000);
		const only = call.parameters.optionalText('key');
		const answer: Stats = {};
		for (const [endpoint, key, record] of state.ledger.all()) {
			if (only !== undefined && key !== only) continue;
			(answer[endpoint] ??= {})[key] = figures(record, windowMs, state.now(), times);
		}
		return { status: 200, body: answer };
	},
};

function figures(record: CallRecord, windowMs: number, nowMs: number, times: number): CallStats {
	const { arrivals, calls, inFlight, maxInFlight, statuses } = record;
	const time = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());
	return {
		calls,
		inFlight,
		maxInFlight,
		statuses,
		firstAt: time(arrivals[0]),
		lastAt: time(arrivals.at(-1)),
		lastWindow: arrivals.filter((at) => at > nowMs - windowMs).length,
		busiestWindow: busiestWindow(arrivals, windowMs),
		...(times > 0 && { arrivals: arrivals.slice(-times) }),
	};
}
