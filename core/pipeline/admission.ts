import type { Admission, AdmitRequest, Awaitable, Clock, Permit, PolicyStore } from '../ports';
import { LONGEST_TURN_MS, patienceLeftMs, waitedMore } from './patience';
import { PostponedError, type CallProgress } from './postponed';
import { raceLimits } from './race';
import { rejectedBecause, rejection } from './rejection';
import { sleep } from './sleep';

/** How long a call may wait to be admitted. */
interface Patience {
	/** At most this long in all for a rate limiter, in ms; 0 rejects at once. */
	readonly rateLimiterMaxWaitMs: number;
	/** No wait goes beyond this moment (ms since the epoch; `Infinity` for none). */
	readonly deadlineAt: number;
	readonly signal: AbortSignal | undefined;
	/** A wait of this length or more is not waited but postponed. */
	readonly longestWaitMs: number;
	/** What a postponed call goes on with. */
	readonly progress: CallProgress;
}

/**
 * Takes the store's first answer, and asks again until the call is admitted or its patience is at an end.
 * @throws {RejectedError} when a policy turns the call away for good.
 * @throws {PostponedError} when the wait is too long for the caller.
 * @throws {CancelledError} when the signal fires while waiting.
 */
export async function waitForPermit(
	store: PolicyStore,
	clock: Clock,
	request: AdmitRequest,
	firstAnswer: Awaitable<Admission>,
	patience: Patience,
): Promise<Permit> {
	const { progress } = patience;
	let { waited } = progress;
	for (let answer = firstAnswer; ; answer = store.admit(request)) {
		const admission = await answer;
		if (admission.status === 'granted') return admission.permit;

		const { by } = admission;
		const now = clock.now();
		const leftMs = Math.min(patience.deadlineAt - now, patienceLeftMs(admission, patience, waited));
		if (admission.status === 'rejected') {
			const { retryAfterMs } = admission;
			if (leftMs <= 0 || retryAfterMs > leftMs) throw rejection(admission);
			if (retryAfterMs >= patience.longestWaitMs) {
				waited = waitedMore(waited, { limiterMs: retryAfterMs });
				throw new PostponedError(now + retryAfterMs, { ...progress, waited });
			}
			await sleep(clock, retryAfterMs, patience.signal);
			waited = waitedMore(waited, { limiterMs: clock.now() - now });
		} else if (now < patience.deadlineAt) {
			await waitInLine(store, clock, request, admission, leftMs, patience.signal);
			waited = waitedMore(waited, { queueMs: clock.now() - now });
		}
		if (clock.now() >= patience.deadlineAt) {
			await store.withdraw(request);
			throw rejectedBecause('DEADLINE_EXCEEDED', by.policy.name, by.key, Infinity);
		}
	}
}

async function waitInLine(
	store: PolicyStore,
	clock: Clock,
	request: AdmitRequest,
	place: Extract<Admission, { status: 'queued' }>,
	longestMs: number,
	signal: AbortSignal | undefined,
): Promise<void> {
	if (longestMs <= 0) {
		await store.withdraw(request);
		throw rejection(place);
	}
	try {
		const turn = store.awaitTurn(request, Math.min(longestMs, LONGEST_TURN_MS));
		await raceLimits(turn, clock, { timeoutMs: undefined, scope: 'call', signal });
	} catch (error) {
		await store.withdraw(request);
		throw error;
	}
}
