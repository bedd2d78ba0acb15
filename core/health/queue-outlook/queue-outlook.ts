import type { ExecutionRates, PoolCounts } from '../../ports/stack';
import type { QueueRates } from './queue-history';

/** What will become of a queue if it goes on as it did. */
export type Forecast =
	| { readonly kind: 'empty' }
	| { readonly kind: 'empties'; readonly inMs: number }
	/** More arrive than are taken. */
	| { readonly kind: 'grows'; readonly bySecond: number }
	/** Jobs wait, and none are taken. */
	| { readonly kind: 'stands' }
	| { readonly kind: 'not known'; readonly why: string };

/** How a queue fares, and what comes. */
export interface QueueOutlook extends PoolCounts {
	/** How long the job that waits longest has waited, in ms. */
	readonly oldestWaitingMs?: number;
	/** Per second. */
	readonly arrivals?: number;
	readonly drain?: number;
	/** Over how long they were measured, and by what. */
	readonly measured?: { readonly overMs: number; readonly by: 'queue' | 'database' };
	readonly forecast: Forecast;
}

/** A difference of rates that chance brings about. */
const ROUGHLY_EVEN = 0.05;

/**
 * @param rates from two looks at the queue; where there was one alone, executions of the database stand in, which are
 * those of all pools.
 */
export function outlookOf(
	now: number,
	counts: PoolCounts,
	rates: QueueRates | undefined,
	executions: ExecutionRates | undefined,
): QueueOutlook {
	const flow = rates
		? { arrivals: rates.arrivals, drain: rates.taken, overMs: rates.overMs, by: 'queue' as const }
		: executions && {
				arrivals: perSecond(executions.created, executions.windowMs),
				drain: perSecond(executions.finished, executions.windowMs),
				overMs: executions.windowMs,
				by: 'database' as const,
			};
	return {
		...counts,
		...(counts.oldestWaitingAt !== undefined && {
			oldestWaitingMs: Math.max(0, now - counts.oldestWaitingAt),
		}),
		...(flow && {
			arrivals: flow.arrivals,
			drain: flow.drain,
			measured: { overMs: flow.overMs, by: flow.by },
		}),
		forecast: forecastOf(counts, flow),
	};
}

function forecastOf(
	{ waiting }: PoolCounts,
	flow: { readonly arrivals: number; readonly drain: number } | undefined,
): Forecast {
	if (waiting === 0) return { kind: 'empty' };
	if (!flow) return { kind: 'not known', why: 'the queue was looked at only once' };
	const { arrivals, drain } = flow;
	if (drain === 0) return arrivals > 0 ? { kind: 'grows', bySecond: arrivals } : { kind: 'stands' };
	const gain = drain - arrivals;
	if (Math.abs(gain) <= ROUGHLY_EVEN * drain)
		return { kind: 'not known', why: 'as many jobs arrive as are taken' };
	return gain > 0
		? { kind: 'empties', inMs: Math.round((waiting / gain) * 1_000) }
		: { kind: 'grows', bySecond: -gain };
}

const perSecond = (count: number, windowMs: number): number => (count * 1_000) / windowMs;
