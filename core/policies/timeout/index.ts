export { currentTimeoutMs, timeout, type TimeoutState } from './machine';
export { timeoutOptions, timeoutStrategies, type TimeoutOptions } from './options';
