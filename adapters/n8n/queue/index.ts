export { BullKeys } from './bull-keys';
export { BullQueue } from './bull-queue';
