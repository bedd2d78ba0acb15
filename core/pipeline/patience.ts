import type { Admission } from '../ports';
import type { PipelineDefinition } from './definition';

/** An answer by which a call may not start yet. */
type Refusal = Exclude<Admission, { status: 'granted' }>;

/** A waiter shows its ticket again at least this often, in ms, well before the ticket lapses. */
export const LONGEST_TURN_MS = 1_000;

/** What a call has waited so far to be admitted to its next attempt, in ms. Plain data. */
export interface Waited {
	/** For the rate limiter, as long as that said. */
	readonly limiterMs: number;
	/** In the bulkhead's queue. */
	readonly queueMs: number;
}

const NOT_WAITED: Waited = { limiterMs: 0, queueMs: 0 };

/**
 * How much longer a call waits for what does not let it through, in ms; 0 or less where it is turned away. A wait for
 * one policy leaves the patience with the other as it is.
 */
export function patienceLeftMs(
	{ by: { policy }, status }: Refusal,
	{ rateLimiterMaxWaitMs = 0 }: Pick<PipelineDefinition, 'rateLimiterMaxWaitMs'>,
	{ limiterMs, queueMs }: Waited = NOT_WAITED,
): number {
	if (policy.kind === 'rate-limiter') return rateLimiterMaxWaitMs - limiterMs;
	const isInLine = policy.kind === 'bulkhead' && status === 'queued';
	return isInLine ? policy.options.maxWaitDurationMs - queueMs : 0;
}

/** The same with another wait. */
export const waitedMore = (
	{ limiterMs, queueMs }: Waited = NOT_WAITED,
	more: Partial<Waited>,
): Waited => ({
	limiterMs: limiterMs + (more.limiterMs ?? 0),
	queueMs: queueMs + (more.queueMs ?? 0),
});
