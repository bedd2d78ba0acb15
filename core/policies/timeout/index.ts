export { currentTimeoutMs, timeout, type TimeoutState } from './machine';
export { timeoutOptions, type TimeoutOptions } from './options';
