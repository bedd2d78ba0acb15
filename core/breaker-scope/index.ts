export { ScopedBreakerStore, type InProcessStore } from './scoped-breaker-store';
