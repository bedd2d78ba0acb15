import { RejectedError, type RejectionCode } from '../errors';
import type { Admission, PolicyKind } from '../ports';
import { shorten } from '../shorten';

const CODES: Readonly<Record<PolicyKind, RejectionCode>> = {
	'circuit-breaker': 'CIRCUIT_OPEN',
	'breaker-quorum': 'CIRCUIT_OPEN',
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
	ALREADY_RUNNING: [
		'Another call is at work on this',
		'Wait longer, or come again later: its result is kept',
	],
	ALREADY_DONE: [
		'This was done before',
		'Nothing to do; to get the result of then, let the step return it',
	],
	STORE_UNREACHABLE: [
		'The shared state cannot be reached',
		'Bring Redis back, or let the step allow calls or count by itself meanwhile',
	],
};

/** An answer by which a call may not start. */
type Refusal = Exclude<Admission, { status: 'granted' }>;

/** The error that tells a caller which policy turned it away, and what to do. One in a queue gives up its place. */
export function rejection(refusal: Refusal): RejectedError {
	const { policy, key } = refusal.by;
	const isStoreDown = refusal.status === 'rejected' && refusal.isStoreDown;
	const code = isStoreDown ? 'STORE_UNREACHABLE' : CODES[policy.kind];
	const retryAfterMs = refusal.status === 'queued' ? Infinity : refusal.retryAfterMs;
	return rejectedBecause(code, policy.name, key, retryAfterMs);
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
