export { MemoryIdempotencyStore } from './memory-idempotency-store';
export { MemoryPolicyStore } from './memory-policy-store';
export { MemoryResultCache } from './memory-result-cache';
