export { OutageTolerantStore, type WhenStoreIsDown } from './outage-tolerant-store';
export { StoreHealth, type StoreEvent } from './store-health';
