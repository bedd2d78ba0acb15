export { askInTime, type AskInTime } from './ask-in-time';
export { inTime } from './in-time';
export { OutageTolerantIdempotencyStore } from './outage-tolerant-idempotency-store';
export { OutageTolerantStore } from './outage-tolerant-store';
export { OUTCOME_REPEATED_MS } from './settlement';
export type { StoreEvent, WhenStoreIsDown } from './store-event';
export { StoreHealth, type StoreHealths } from './store-health';
export { StoreParts } from './store-parts';
