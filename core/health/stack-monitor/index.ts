export type { ProcessLoad } from './process-loads';
export type { StackLook } from './stack-look';
export { StackMonitor, type StackObservation } from './stack-monitor';
