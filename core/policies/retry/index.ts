export { backoffDelayMs } from './backoff';
export { decideRetry, type GiveUpReason } from './machine';
export { retryOptions, type RetryOptions } from './options';
export { parseRetryAfter } from './retry-after';
export { retryRule } from './rules';
