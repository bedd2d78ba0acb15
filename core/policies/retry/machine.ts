import { CLIENT_ERRORS, matchesStatusCode, type Failure } from '../../failure';
import type { Random } from '../../random';
import { backoffDelayMs } from './backoff';
import type { RetryOptions } from './options';
import { parseRetryAfter } from './retry-after';
import { findRule } from './rules';

/** What happened so far to one call. */
interface RetryProgress {
	/** The attempt that just failed; 1 is the first. */
	readonly attempt: number;
	/** Time since the first attempt began, in ms. */
	readonly elapsedMs: number;
	/** Delay before the attempt that just failed, in ms; undefined for the first. */
	readonly previousDelayMs: number | undefined;
	readonly now: number;
}

/** Whether to try again, and if not why not. */
type RetryDecision =
	| { readonly action: 'retry'; readonly delayMs: number }
	| { readonly action: 'give-up'; readonly reason: GiveUpReason };

export type GiveUpReason =
	'max-attempts' | 'max-elapsed-time' | 'rule' | 'not-retryable' | 'retry-after-too-long';

/** Decides what follows a failed attempt. Delays are whole milliseconds. */
export function decideRetry(
	options: RetryOptions,
	failure: Failure,
	progress: RetryProgress,
	random: Random,
): RetryDecision {
	const rule = findRule(options.rules, failure);
	if (rule?.action === 'give-up') return giveUp('rule');
	if (!rule && matchesStatusCode(CLIENT_ERRORS, failure.statusCode)) return giveUp('not-retryable');
	if (progress.attempt >= options.maxAttempts) return giveUp('max-attempts');

	const asked =
		options.respectRetryAfter && failure.retryAfter
			? parseRetryAfter(failure.retryAfter, progress.now)
			: undefined;
	if (asked !== undefined && asked > options.maxRetryAfterMs) return giveUp('retry-after-too-long');

	const own =
		rule?.action === 'delay'
			? rule.delayMs
			: backoffDelayMs(options, progress.attempt, progress.previousDelayMs, random);
	const delayMs = Math.round(Math.max(own, asked ?? 0));
	if (options.maxElapsedMs > 0 && progress.elapsedMs + delayMs > options.maxElapsedMs) {
		return giveUp('max-elapsed-time');
	}
	return { action: 'retry', delayMs };
}

const giveUp = (reason: GiveUpReason): RetryDecision => ({ action: 'give-up', reason });
