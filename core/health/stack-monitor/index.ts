export type { ProcessLoad } from './process-loads';
export type { ReplacedRedis } from './redis-servers';
export { queueTime, stackClocks, type StackClocks } from './stack-clocks';
export type { StackLook } from './stack-look';
export { StackMonitor, type StackObservation } from './stack-monitor';
