import type { RejectedError } from '../errors';
import type { Failure } from '../failure';
import type { RunAnswer, UnkeptFailure } from '../ports';
import type { RunOncePolicy } from './policy';
import { refusalOf } from './refusal';

/** What became of a call that was not turned away. */
export type RunOutcome<T> =
	| {
			readonly kind: 'done';
			readonly value: T;
			/** Why others cannot be given the result. */
			readonly unkept?: UnkeptFailure;
	  }
	| EarlierOutcome;

/** What became of the work in an earlier call. */
export type EarlierOutcome =
	| { readonly kind: 'replay'; readonly value: unknown; readonly ageMs: number }
	/** Failed, or done without a result that was kept. */
	| {
			readonly kind: 'failed';
			readonly failure: Failure & Partial<UnkeptFailure>;
			readonly ageMs: number;
	  };

/** What an answer by which the work is not this call's means to it: an error where it is turned away. */
export function outcomeOf(
	{ name, options }: RunOncePolicy,
	key: string,
	answer: Exclude<RunAnswer, { status: 'started' }>,
): EarlierOutcome | RejectedError {
	if (answer.status === 'running') return refusalOf('ALREADY_RUNNING', { name, key });
	if (answer.status === 'unreachable') return refusalOf('STORE_UNREACHABLE', { name, key });
	const { end, ageMs } = answer;
	if (end.state !== 'failed' && options.whenDone === 'reject')
		return refusalOf('ALREADY_DONE', { name, key });
	return end.state === 'done'
		? { kind: 'replay', value: JSON.parse(end.resultJson), ageMs }
		: { kind: 'failed', failure: end.failure, ageMs };
}
