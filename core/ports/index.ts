export type * from './clock';
export type * from './idempotency-store';
export type * from './override-action';
export type * from './policy-keys';
export type * from './policy-registry';
export type * from './policy-store';
export type * from './random';
export type * from './result-cache';
