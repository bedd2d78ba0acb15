export { MemoryPolicyStore } from './memory-policy-store';
export { MemoryResultCache } from './memory-result-cache';
