import { matchesStatusCode, type Failure } from '../failure';
import type { OutcomeKind } from '../outcome';
import type { PipelineDefinition } from './definition';

/** How a failure of the guarded work counts: a request that was wrong says nothing about the service. */
export function outcomeOfFailure(
	{ circuitBreakers }: PipelineDefinition,
	failure: Failure,
): OutcomeKind {
	const ignored = circuitBreakers?.[0]?.options.ignoredStatusCodes;
	return ignored && matchesStatusCode(ignored, failure.statusCode) ? 'ignored' : 'failure';
}
