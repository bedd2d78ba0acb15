export { waitForPermit, type Patience } from './admission';
export type { AttemptContext } from './attempt-context';
export type { CallKeys, PipelineDefinition } from './definition';
export { bindGuards, type CallGuards } from './guards';
export { LeaseKeeper } from './lease-keeper';
export { Pipeline, type Call, type PipelineEnvironment, type Work } from './pipeline';
export { rejectedBecause, rejection } from './rejection';
export { sleep } from './sleep';
