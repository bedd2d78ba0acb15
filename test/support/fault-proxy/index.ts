export { FaultProxy } from './fault-proxy';
export type { Stream, ToxicDefinition } from './toxic';
