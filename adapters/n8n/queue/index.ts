export { KnownPools } from './known-pools';
export { BullQueue } from './bull-queue';
export { poolsInRedis } from './pools-in-redis';
