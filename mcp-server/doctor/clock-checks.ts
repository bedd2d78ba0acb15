import { clockReadings, type ClockReading } from '../../core/clocks';
import { clockFindings, type Thresholds } from '../../core/health';
import { readFrom, valueOf, type StackSources } from '../../core/stack';
import type { Check } from './check';

/** Whether the clocks agree by which times are written and judged. */
export function clockChecks(
	{ queueMode, database, processes }: StackSources,
	thresholds: Thresholds,
): readonly Check[] {
	const consequence =
		'Waits, ages and schedules are judged only as exactly as clocks are known to agree';
	return [
		{
			source: 'clocks',
			consequence,
			ask: async () => {
				const [instances, redis, clock, measured] = await Promise.all([
					readFrom('instance registry', queueMode?.registry, (view) => view.instances()),
					readFrom('redis', queueMode?.redis, (view) => view.info()),
					readFrom('database', database?.server, (view) => view.clock()),
					readFrom('n8n metrics', processes, (view) => view.processes()),
				]);
				const readings = clockReadings({
					instances: valueOf(instances),
					redis: valueOf(redis),
					database: { clock: valueOf(clock) },
					processes: valueOf(measured),
				});
				if (readings.length === 0)
					return {
						says: 'no clock but our own can be read',
						consequence,
						remedy: 'See what is said of the other sources: each of them tells its time',
					};
				const found = clockFindings(readings, thresholds);
				if (found.length === 0) return readings.map(shown).join(', ');
				return {
					says: found.map(({ summary }) => summary).join('; '),
					consequence,
					remedy: found[0]!.remedy,
				};
			},
		},
	];
}

const shown = ({ of, aheadMs }: ClockReading): string =>
	`${of} ${(Math.abs(aheadMs) / 1_000).toFixed(1)} s ${aheadMs < 0 ? 'behind' : 'ahead'}`;
