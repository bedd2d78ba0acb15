export {
	circuitBreaker,
	overrideCircuitBreaker,
	type CircuitBreakerState,
	type CircuitState,
} from './machine';
export { circuitBreakerOptions, slidingWindowTypes, type CircuitBreakerOptions } from './options';
