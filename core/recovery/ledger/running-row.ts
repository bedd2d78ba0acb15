import { isoTime } from '../../iso-time';
import type { ExecutionRow } from '../../ports/stack';
import type { Evidence } from './lost-execution';

/**
 * Whether it has waited, and went on: n8n keeps when it was first begun, and when it paused, but not when it went on. So
 * whoever runs it may have begun long after that.
 */
export const hasPaused = (row: ExecutionRow): boolean =>
	row.stoppedAt !== undefined && row.stoppedAt >= beganAt(row);

export const isRunning = (row: ExecutionRow): Evidence => ({
	source: 'database',
	says: hasPaused(row)
		? `row is running, was begun at ${isoTime(beganAt(row))}, and has waited since`
		: `row is running since ${isoTime(beganAt(row))}`,
});

export const beganAt = ({ startedAt, createdAt }: ExecutionRow): number => startedAt ?? createdAt;
