import type { ClockOwner, ClockReading } from './clock-readings';

/** By how much a clock may be ahead of ours, in ms; less than 0 where it is behind. */
export interface AheadRange {
	readonly least: number;
	readonly most: number;
}

/**
 * How the clocks go that n8n's times are written by. All times of executions are: their making by main or a webhook
 * process, their start and how long they wait by a worker, their end by either. The database's clock writes none of them.
 */
export interface N8nClocks {
	/** Of the main process that leads: it alone decides when a wait is over, and when a schedule fires. */
	readonly main: AheadRange;
	/** Of whoever may have written a time. */
	readonly any: AheadRange;
	/** Whether n8n's own clocks were read; else they are taken to be somewhere between all that were, and ours. */
	readonly areRead: boolean;
}

/** Clocks so near to one another count as the same, in ms: by HTTP they are read by the second. */
export const CLOCKS_AGREE_MS = 2_000;

const N8N: ReadonlySet<ClockOwner> = new Set(['main', 'worker', 'webhook']);

const OURS = { aheadMs: 0, withinMs: 0 };

/** @param mode in queue mode there are workers besides main: where the registry has main, it has them, too. */
export function n8nClocks(readings: readonly ClockReading[], mode: 'queue' | 'regular'): N8nClocks {
	const own = readings.filter(({ of }) => N8N.has(of));
	const mains = own.filter(({ of }) => of === 'main');
	const leaders = mains.filter(({ isLeader }) => isLeader);
	const anywhere = rangeOf([...readings, OURS]);
	const isRegistered = mains.some(({ source }) => source === 'instance registry');
	const areAllRead = isRegistered || (mode === 'regular' && mains.length > 0);
	return {
		main: mains.length === 0 ? anywhere : rangeOf(leaders.length === 1 ? leaders : mains),
		any: areAllRead ? rangeOf(own) : anywhere,
		areRead: areAllRead,
	};
}

const rangeOf = (
	readings: ReadonlyArray<Pick<ClockReading, 'aheadMs' | 'withinMs'>>,
): AheadRange => ({
	least: Math.min(...readings.map(({ aheadMs, withinMs }) => aheadMs - withinMs)),
	most: Math.max(...readings.map(({ aheadMs, withinMs }) => aheadMs + withinMs)),
});

/** How far apart the clocks may be. */
export const widthOf = ({ least, most }: AheadRange): number => most - least;
