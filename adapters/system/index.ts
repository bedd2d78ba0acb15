export { randomUUID as newUuid } from 'node:crypto';
export { createPermitIds } from './permit-ids';
export { systemClock } from './system-clock';
