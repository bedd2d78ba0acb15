export { bulkhead, enqueue, leaveQueue, nextInLine, type BulkheadState } from './machine';
export { bulkheadOptions, type BulkheadOptions } from './options';
