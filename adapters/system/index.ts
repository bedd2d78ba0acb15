export { createPermitIds } from './permit-ids';
export { systemClock } from './system-clock';
