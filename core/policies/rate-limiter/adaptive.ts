import type { CellMachine } from '../machine';
import type { Outcome } from '../../outcome';
import type { RateLimiterOptions } from './options';

type Options = RateLimiterOptions;

/**
 * A limit that falls by a ratio when the service refuses calls and grows back in a straight line: the multiplicative
 * decrease of TCP (RFC 5681), with an increase that is a matter of time so that quiet limiters recover too.
 *
 * At half its limit a limiter lets calls through as before, but each takes twice its weight. So what it promises of
 * the limit as it is set holds whatever happens here, and a wait depends on calls made earlier alone: it stays exact
 * while the limit moves. What a call took in excess leaves the limiter as its weight does.
 *
 * All numbers are whole. Cells, after those of the limiter itself: [0] when the limit last fell, in ms; [1] the
 * thousandths of it that were withheld then; [2] what calls have not taken yet because it was less than one call, in
 * thousandths of a call.
 */
const FALLEN_AT = 0;
const WITHHELD = 1;
const REMAINDER = 2;
const CELLS = 3;

const WHOLE = 1_000;

export function adaptive(limiter: CellMachine<Options>): CellMachine<Options> {
	const own = (offset: number): number => offset + limiter.size;

	return {
		...limiter,
		size: limiter.size + CELLS,

		take(cells, offset, options, now, call) {
			const thousandths = thousandthsAt(cells, own(offset), options, now, call.weight);
			const weight = thousandths === 0 ? call.weight : draw(cells, own(offset), thousandths);
			limiter.take(cells, offset, options, now, { ...call, weight });
			return tokenOf(thousandths, weight);
		},

		refund(cells, offset, options, call) {
			const weight =
				call.token === 0 ? call.weight : putBack(cells, own(offset), call.token, call.takenAt);
			limiter.refund(cells, offset, options, { ...call, weight });
		},

		settle(cells, offset, options, now, outcome) {
			return isRefusal(options, outcome) && fall(cells, own(offset), options, now);
		},

		idleAt: (cells, offset, options) =>
			Math.max(
				limiter.idleAt(cells, offset, options),
				cells[own(offset) + WITHHELD]! > 0 ? recoveredAt(cells, own(offset), options) : 0,
			),

		lastingOptions(known, options) {
			const lasting = limiter.lastingOptions?.(known, options) ?? known;
			return options.recoveryMs > lasting.recoveryMs
				? { ...lasting, recoveryMs: options.recoveryMs }
				: lasting;
		},

		inspect(cells, offset, options, now) {
			const { limit = 0, remaining = 0 } = limiter.inspect(cells, offset, options, now);
			const share = WHOLE - withheldAt(cells, own(offset), options, now);
			return {
				limit,
				effectiveLimit: effectiveLimit(options, (limit * share) / WHOLE),
				remaining: Math.ceil((remaining * share) / WHOLE),
			};
		},
	};
}

/** Calls that a period lets through at a limit of so many, which may be less than one. */
const effectiveLimit = ({ algorithm }: Options, wanted: number): number =>
	// A period that nothing was taken of yet lets a call through, whatever its weight; a steady rate may be any.
	algorithm === 'gcra' ? wanted : Math.max(1, Math.floor(wanted));

const isRefusal = (
	{ slowCallDurationThresholdMs }: Options,
	{ kind, latencyMs, throttled }: Outcome,
): boolean =>
	throttled === true ||
	(slowCallDurationThresholdMs > 0 &&
		(kind === 'slow' || (kind !== 'ignored' && latencyMs >= slowCallDurationThresholdMs)));

const recoveredAt = (cells: Float64Array, own: number, { recoveryMs }: Options): number =>
	cells[own + FALLEN_AT]! + recoveryMs;

/** Thousandths of the limit that are withheld; 0 when it is whole. */
function withheldAt(cells: Float64Array, own: number, options: Options, now: number): number {
	// A clock that was set back recovers nothing until it has caught up.
	const leftMs = Math.min(options.recoveryMs, recoveredAt(cells, own, options) - now);
	return leftMs <= 0 ? 0 : Math.ceil((cells[own + WITHHELD]! * leftMs) / options.recoveryMs);
}

/** What a call weighs at the present limit, in thousandths of a call; 0 when the limit is whole. */
function thousandthsAt(
	cells: Float64Array,
	own: number,
	options: Options,
	now: number,
	weight: number,
): number {
	const withheld = withheldAt(cells, own, options, now);
	return withheld === 0 ? 0 : Math.ceil((weight * WHOLE * WHOLE) / (WHOLE - withheld));
}

/** Draws thousandths in whole calls; what is left over the next call takes. */
function draw(cells: Float64Array, own: number, thousandths: number): number {
	const owed = cells[own + REMAINDER]! + thousandths;
	const drawn = Math.floor(owed / WHOLE);
	cells[own + REMAINDER] = owed - drawn * WHOLE;
	return drawn;
}

/** What a call weighed, in thousandths, and whether it drew one more whole call than that for what was left over. */
const tokenOf = (thousandths: number, drawn: number): number =>
	thousandths === 0 ? 0 : 2 * thousandths + (drawn - Math.floor(thousandths / WHOLE));

/** Puts back what a call weighed, in whole calls: never more than it drew, whatever others have put back since. */
function putBack(cells: Float64Array, own: number, token: number, takenAt: number): number {
	const thousandths = Math.floor(token / 2);
	const whole = Math.floor(thousandths / WHOLE);
	// A fall may have dropped what was left over, of which these may have been a part.
	if (cells[own + FALLEN_AT]! > takenAt) return whole;
	const owed = cells[own + REMAINDER]! - thousandths;
	const back = Math.min(whole + (token % 2), Math.max(0, Math.ceil(-owed / WHOLE)));
	cells[own + REMAINDER] = Math.max(0, owed + back * WHOLE);
	return back;
}

/** Returns whether it fell: it does not while it has only just done so. */
function fall(cells: Float64Array, own: number, options: Options, now: number): boolean {
	if (now < cells[own + FALLEN_AT]! + options.backoffIntervalMs) return false;
	const withheld = withheldAt(cells, own, options, now);
	if (withheld === 0) cells[own + REMAINDER] = 0;
	const share = WHOLE - withheld;
	const fallen = Math.floor((share * options.backoffRatio) / 100);
	const lowest = Math.min(share, (options.minimumLimit * WHOLE) / 100);
	cells[own + WITHHELD] = WHOLE - Math.max(fallen, lowest);
	cells[own + FALLEN_AT] = now;
	return true;
}
