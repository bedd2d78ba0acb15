export { bucketOf, endOf } from './latencies';
export { adaptedTimeoutMs, currentTimeoutMs, timeout, type TimeoutState } from './machine';
export { timeoutOptions, type TimeoutOptions } from './options';
