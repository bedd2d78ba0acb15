export { KnownPools } from './known-pools';
export { BullQueue } from './bull-queue';
