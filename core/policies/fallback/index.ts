export { resolveFallback, type Alternative } from './machine';
export { fallbackOptions } from './options';
export type { CachedResult, ResultCache } from './result-cache';
