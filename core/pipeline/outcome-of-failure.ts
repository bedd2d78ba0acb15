import { CLIENT_ERRORS, matchesStatusCode, type Failure } from '../failure';
import type { OutcomeKind } from '../outcome';
import type { PipelineDefinition } from './definition';

/** How a failure of the guarded work counts: a request that was wrong says nothing about the service. */
export function outcomeOfFailure(
	{ circuitBreakers }: PipelineDefinition,
	failure: Failure,
): OutcomeKind {
	const ignored = circuitBreakers?.[0]?.options.ignoredStatusCodes ?? CLIENT_ERRORS;
	return matchesStatusCode(ignored, failure.statusCode) ? 'ignored' : 'failure';
}
