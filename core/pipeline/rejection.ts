import { RejectedError, type RejectionCode } from '../errors';
import type { Guard, PolicyKind } from '../ports';
import { shorten } from '../shorten';

const CODES: Readonly<Record<PolicyKind, RejectionCode>> = {
	'circuit-breaker': 'CIRCUIT_OPEN',
	'rate-limiter': 'RATE_LIMITED',
	bulkhead: 'BULKHEAD_FULL',
	'retry-budget': 'RETRY_BUDGET_EXHAUSTED',
	timeout: 'DEADLINE_EXCEEDED',
};

const SAYINGS: Readonly<Record<RejectionCode, readonly [message: string, remedy: string]>> = {
	CIRCUIT_OPEN: [
		'Circuit breaker is open',
		'The protected service failed too often; it is tried again when the wait is over. Route this output to a fallback',
	],
	RATE_LIMITED: ['Rate limit is used up', 'Wait, raise the limit, or let the step wait longer'],
	BULKHEAD_FULL: [
		'No slot became free',
		'Raise the maximum of concurrent calls, the queue or the wait, or route this output to a fallback',
	],
	RETRY_BUDGET_EXHAUSTED: [
		'Retry budget is used up',
		'Too many calls are being retried already, so this one was not; raise the budget only if the service can bear it',
	],
	DEADLINE_EXCEEDED: [
		'No time is left before the deadline',
		'Raise the timeout of the enclosing step',
	],
};

/** The error that tells a caller which policy turned it away, and what to do. */
export function rejection(by: Guard, retryAfterMs: number): RejectedError {
	const code = CODES[by.policy.kind];
	return rejectedBecause(code, by.policy.name, by.key, retryAfterMs);
}

/** The same where the reason is known rather than the guard. */
export function rejectedBecause(
	code: RejectionCode,
	policy: string,
	key: string,
	retryAfterMs: number,
): RejectedError {
	const [message, remedy] = SAYINGS[code];
	const where = [policy && `"${policy}"`, key && `key "${shorten(key)}"`]
		.filter(Boolean)
		.join(', ');
	const when =
		Number.isFinite(retryAfterMs) && retryAfterMs > 0
			? `; try again in ${Math.ceil(retryAfterMs)} ms`
			: '';
	return new RejectedError(
		code,
		policy,
		key,
		retryAfterMs,
		`${message}${where && ` (${where})`}${when}`,
		remedy,
	);
}
