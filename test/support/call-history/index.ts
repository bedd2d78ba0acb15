export { overLimit, overRate } from './admissions';
export { countedTooLate, probedTooEarly, tooManyProbes } from './generations';
export { rejectedThoughFree, tooManyHolders, wrongHoldings } from './holders';
export type { CallRecord, RoundTrip, Violation } from './record';
