export { MemoryIdempotencyStore } from './memory-idempotency-store';
export { MemoryPolicyRegistry } from './memory-policy-registry';
export { MemoryPolicyStore } from './memory-policy-store';
export { MemoryResultCache } from './memory-result-cache';
