import { settings } from './settings-of-worker';

/** The first thing a worker imports: whatever reads the time later reads a clock that is wrong. */
const { now } = Date;
if (settings.clockAheadMs !== 0) Date.now = () => now() + settings.clockAheadMs;
