export { randomUUID as newUuid } from 'node:crypto';
export { onTermination } from './on-termination';
export { createPermitIds } from './permit-ids';
export { sha256 } from './sha256';
export { systemClock } from './system-clock';
export { workerName } from './worker-name';
