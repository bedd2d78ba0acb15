export {
	bulkhead,
	enqueue,
	leaveQueue,
	nextInLine,
	type BulkheadState,
	type Ticket,
} from './machine';
export { bulkheadOptions, bulkheadStrategies, type BulkheadOptions } from './options';
