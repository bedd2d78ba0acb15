import type { Admission } from '../ports';
import type { PipelineDefinition } from './definition';

/** An answer by which a call may not start yet. */
type Refusal = Exclude<Admission, { status: 'granted' }>;

/** A waiter shows its ticket again at least this often, in ms, well before the ticket lapses. */
export const LONGEST_TURN_MS = 1_000;

/** How long in all a call waits for what does not let it through, in ms; 0 where it is turned away at once. */
export function patienceMs(
	{ by: { policy }, status }: Refusal,
	{ rateLimiterMaxWaitMs = 0 }: Pick<PipelineDefinition, 'rateLimiterMaxWaitMs'>,
): number {
	if (policy.kind === 'rate-limiter') return rateLimiterMaxWaitMs;
	return policy.kind === 'bulkhead' && status === 'queued' ? policy.options.maxWaitDurationMs : 0;
}
