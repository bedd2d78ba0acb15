import type { Failure } from '../failure';
import { decideRetry, type GiveUpReason } from '../policies/retry';
import type { Random } from '../ports';
import type { PipelineDefinition } from './definition';
import type { CallProgress } from './postponed';

/** What follows an attempt that failed. */
export type NextAttempt =
	| {
			readonly action: 'retry';
			/** When, ms since the epoch. */
			readonly dueAt: number;
			readonly delayMs: number;
			/** What the call goes on with. */
			readonly progress: CallProgress;
	  }
	| {
			readonly action: 'give-up';
			/** Undefined where nothing is ever tried again. */
			readonly reason: GiveUpReason | 'deadline' | undefined;
	  };

/** Decides whether and when a call is tried again: as its retry says, but never at its deadline or later. */
export function decideNextAttempt(
	{ retry }: PipelineDefinition,
	{ attempt, startedAt, firstLeftAt, previousDelayMs }: CallProgress,
	failure: Failure,
	deadlineAt: number,
	now: number,
	random: Random,
): NextAttempt {
	if (!retry) return { action: 'give-up', reason: undefined };
	const elapsedMs = now - (firstLeftAt ?? startedAt);
	const soFar = { attempt, elapsedMs, previousDelayMs, now };
	const decision = decideRetry(retry, failure, soFar, random);
	if (decision.action === 'give-up') return decision;
	const { delayMs } = decision;
	const dueAt = now + delayMs;
	if (dueAt >= deadlineAt) return { action: 'give-up', reason: 'deadline' };
	const progress = { attempt: attempt + 1, startedAt, firstLeftAt, previousDelayMs: delayMs };
	return { action: 'retry', dueAt, delayMs, progress };
}
