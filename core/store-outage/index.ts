export { askInTime, type AskInTime } from './ask-in-time';
export { OutageTolerantIdempotencyStore } from './outage-tolerant-idempotency-store';
export { OutageTolerantStore } from './outage-tolerant-store';
export { OUTCOME_REPEATED_MS } from './settlement';
export type { StoreEvent, WhenStoreIsDown } from './store-event';
export { StoreHealth } from './store-health';
