export { circuitBreaker, overrideCircuitBreaker } from './machine';
export { circuitBreakerOptions, type CircuitBreakerOptions } from './options';
export type { CircuitBreakerState } from './state';
