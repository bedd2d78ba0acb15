export { backoffDelayMs } from './backoff';
export { decideRetry, type GiveUpReason, type RetryDecision, type RetryProgress } from './machine';
export { backoffTypes, jitterTypes, retryOptions, type RetryOptions } from './options';
export { parseRetryAfter } from './retry-after';
export { retryActions, retryRule, type RetryRule } from './rules';
