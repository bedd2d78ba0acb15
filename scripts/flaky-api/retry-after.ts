import type { Call } from './endpoint.ts';
import { BadParameter } from './parameters.ts';

/** The parameter that chooses how `Retry-After` is written. */
export const RETRY_AFTER_HELP =
	'how Retry-After is written: seconds (default), date (HTTP-date) or none';

/** `Retry-After` for a wait of that length, in the form which the call asked for. */
export function retryAfterHeader(
	call: Call,
	waitMs: number,
	nowMs: number,
): Record<string, string> {
	const form = call.parameters.text('retryAfter', 'seconds');
	if (form === 'none') return {};
	const seconds = Math.ceil(waitMs / 1000);
	if (form === 'seconds') return { 'retry-after': String(seconds) };
	if (form === 'date') {
		// A date has whole seconds: round up, or the caller comes back too early.
		const at = Math.ceil((nowMs + waitMs) / 1000) * 1000;
		return { 'retry-after': new Date(at).toUTCString() };
	}
	throw new BadParameter(`retryAfter must be seconds, date or none, not "${form}"`);
}
