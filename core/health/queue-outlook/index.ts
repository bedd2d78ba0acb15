export { QueueHistory, type QueueRates } from './queue-history';
export { outlookOf, type Forecast, type QueueOutlook } from './queue-outlook';
export { tellQueue } from './tell-queue';
