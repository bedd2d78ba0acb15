export type * from './clock';
export type * from './policy-store';
export type * from './random';
export type * from './result-cache';
