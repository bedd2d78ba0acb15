export { resolveFallback, type Alternative } from './machine';
export { fallbackOptions } from './options';
