export {
	bulkhead,
	enqueue,
	leaveQueue,
	nextInLine,
	type BulkheadState,
	type Ticket,
} from './machine';
export { bulkheadOptions, type BulkheadOptions } from './options';
