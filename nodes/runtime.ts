/** All that n8n loads, in one bundle: one process then has one store, whichever nodes it uses. */
export { Bulkhead } from './Bulkhead/Bulkhead.node';
export { BulwarkOperations } from './BulwarkOperations/BulwarkOperations.node';
export { BulwarkTrigger } from './BulwarkTrigger/BulwarkTrigger.node';
export { CircuitBreaker } from './CircuitBreaker/CircuitBreaker.node';
export { Fallback } from './Fallback/Fallback.node';
export { RateLimiter } from './RateLimiter/RateLimiter.node';
export { ResiliencePipeline } from './ResiliencePipeline/ResiliencePipeline.node';
export { Retry } from './Retry/Retry.node';
export { RunOnce } from './RunOnce/RunOnce.node';
export { Timeout } from './Timeout/Timeout.node';
