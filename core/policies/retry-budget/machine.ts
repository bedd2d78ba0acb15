import type { CellMachine } from '../machine';
import {
	addAt,
	amountOf,
	currentSegment,
	NEWEST,
	removeAt,
	ringSize,
	sumAt,
} from '../segment-ring';
import type { RetryBudgetOptions } from './options';

/**
 * Retry budget after Finagle's `RetryBudget` (twitter.github.io/finagle): each call pays in, each retry draws
 * out, and what was paid in is forgotten after `ttlMs`. It keeps a failing service from being hit by several
 * times its usual load. Amounts are whole: a call pays `percentCanRetry`, a retry costs 100.
 */
const SEGMENTS = 10;
const COST_OF_RETRY = 100;

/** Tokens: what a refund must know of what was taken. */
const CALL = 0;
const RETRY = 1;

const segmentMs = (options: RetryBudgetOptions): number => Math.ceil(options.ttlMs / SEGMENTS);

const reserve = (options: RetryBudgetOptions): number =>
	Math.floor((options.minRetriesPerSecond * options.ttlMs * COST_OF_RETRY) / 1_000);

const amountOfCall = ({ percentCanRetry }: RetryBudgetOptions, token: number): number =>
	token === RETRY ? -COST_OF_RETRY : percentCanRetry;

export const retryBudget: CellMachine<RetryBudgetOptions> = {
	size: ringSize(SEGMENTS),

	judge(cells, offset, options, now, { attempt }) {
		if (attempt <= 1) return 0;
		const length = segmentMs(options);
		const current = currentSegment(cells, offset, length, now);
		let balance = reserve(options) + sumAt(cells, offset, SEGMENTS, current);
		if (balance >= COST_OF_RETRY) return 0;
		// Earlier retries leave the window with time: find the first moment at which enough of them have.
		for (let leaving = current - SEGMENTS + 1; leaving <= current; leaving++) {
			balance -= amountOf(cells, offset, SEGMENTS, leaving);
			if (balance >= COST_OF_RETRY) return (leaving + SEGMENTS) * length - now;
		}
		return Infinity;
	},

	take(cells, offset, options, now, { attempt }) {
		const token = attempt <= 1 ? CALL : RETRY;
		const current = currentSegment(cells, offset, segmentMs(options), now);
		addAt(cells, offset, SEGMENTS, current, amountOfCall(options, token));
		return token;
	},

	refund(cells, offset, options, { token, takenAt }) {
		const segment = Math.floor(takenAt / segmentMs(options));
		removeAt(cells, offset, SEGMENTS, segment, amountOfCall(options, token));
	},

	idleAt: (cells, offset, options) => (cells[offset + NEWEST]! + SEGMENTS) * segmentMs(options),

	inspect(cells, offset, options, now) {
		const current = currentSegment(cells, offset, segmentMs(options), now);
		const balance = reserve(options) + sumAt(cells, offset, SEGMENTS, current);
		return { retriesLeft: Math.max(0, Math.floor(balance / COST_OF_RETRY)) };
	},
};
