export {
	clockReadings,
	type ClockOwner,
	type ClockReading,
	type ClockTellers,
} from './clock-readings';
export { EntryClocks } from './entry-clocks';
export { CLOCKS_AGREE_MS, n8nClocks, widthOf, type AheadRange, type N8nClocks } from './n8n-clocks';
export { readClock, type TimedAnswer } from './read-clock';
