import { clockReadings, n8nClocks, type ClockReading, type N8nClocks } from '../../clocks';
import type { InstanceEntry } from '../../ports/stack';
import { valueOf } from '../../stack';
import type { StackLook } from './stack-look';

/** How all clocks go that a look has told. */
export interface StackClocks {
	readonly readings: readonly ClockReading[];
	readonly n8n: N8nClocks;
}

/** What a look tells of clocks. @param instances with their clocks made steady. */
export function stackClocks(
	look: Pick<StackLook, 'processes' | 'redis' | 'database'>,
	instances: readonly InstanceEntry[],
	mode: 'queue' | 'regular',
): StackClocks {
	const readings = clockReadings({
		instances,
		processes: valueOf(look.processes),
		redis: valueOf(look.redis),
		database: valueOf(look.database),
	});
	return { readings, n8n: n8nClocks(readings, mode) };
}

/**
 * What time it is at least by any clock that jobs are stamped by, so that none is called older than it is. What was enqueued
 * to bring an execution back has our time.
 */
export const queueTime = (at: number, { n8n }: StackClocks): number =>
	at + Math.min(0, n8n.any.least);
