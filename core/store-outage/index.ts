export { OutageTolerantIdempotencyStore } from './outage-tolerant-idempotency-store';
export { OutageTolerantStore } from './outage-tolerant-store';
export type { StoreEvent, WhenStoreIsDown } from './store-event';
export { StoreHealth } from './store-health';
