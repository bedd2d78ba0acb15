export { circuitBreaker, overrideCircuitBreaker } from './machine';
export {
	circuitBreakerOptions,
	slidingWindowTypes,
	thresholdStrategies,
	type CircuitBreakerOptions,
} from './options';
export type { CircuitBreakerState, CircuitState } from './state';
