export { resolveFallback, type Alternative, type FallbackResult } from './machine';
export { fallbackOptions, type FallbackOptions } from './options';
