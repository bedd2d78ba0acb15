export type { ProcessLoad } from './process-loads';
<<<<<<< Updated upstream
export { queueTime, stackClocks, type StackClocks } from './stack-clocks';
=======
export type { ReplacedRedis } from './redis-servers';
>>>>>>> Stashed changes
export type { StackLook } from './stack-look';
export { StackMonitor, type StackObservation } from './stack-monitor';
