import { CLIENT_ERRORS, isThrottled, matchesStatusCode, type Failure } from '../failure';
import type { Outcome } from '../outcome';
import type { PipelineDefinition } from './definition';

/** How a failure of the guarded work counts: a request that was wrong says nothing about the service. */
export function outcomeOfFailure(
	{ circuitBreakers }: PipelineDefinition,
	failure: Failure,
): Pick<Outcome, 'kind' | 'throttled'> {
	const ignored = circuitBreakers?.[0]?.options.ignoredStatusCodes ?? CLIENT_ERRORS;
	const isIgnored = matchesStatusCode(ignored, failure.statusCode);
	return { kind: isIgnored ? 'ignored' : 'failure', throttled: isThrottled(failure) };
}
