import type { Effort, Measurement } from './benchmark';
import { median, quartiles } from './statistics';

/** Makes that many calls, one after the other. */
export type Side = (calls: number) => Promise<void>;

/** What the least costs that any guard around an async call must cost: awaiting the call. */
export const floor: Side = async (calls) => {
	for (let call = 0; call < calls; call++) await noop();
};

/** The work that is guarded on all sides. */
export const noop = async (): Promise<void> => {};

/**
 * Lets both sides take short turns in one process, in changing order, so that whatever else the machine does hits
 * both; the figure is the median of the rounds' ratios.
 */
export async function alternate(ours: Side, other: Side, effort: Effort): Promise<Measurement> {
	const sides = [await prepare(ours, effort), await prepare(other, effort)] as const;
	const base = await prepare(floor, effort);
	const rounds: Array<{ ours: number; other: number; floor: number }> = [];
	for (let round = 0; round < effort.rounds; round++) {
		const speeds = [0, 0];
		for (const side of round % 2 === 0 ? [0, 1] : [1, 0]) speeds[side] = await sides[side]!();
		rounds.push({ ours: speeds[0]!, other: speeds[1]!, floor: await base() });
	}
	const ratios = rounds.map((round) => round.ours / round.other);
	const [low, high] = quartiles(ratios);
	const share = percent(median(rounds.map((round) => round.ours / round.floor)));
	return {
		figure: median(ratios),
		ours: median(rounds.map((round) => round.ours)),
		other: median(rounds.map((round) => round.other)),
		note: `half of ${rounds.length} rounds within ${low.toFixed(2)}-${high.toFixed(2)}; ours runs at ${share} of a bare await`,
	};
}

/** Warms a side up and finds how many calls fill a turn; returns what measures one turn, in calls a second. */
async function prepare(side: Side, { turnMs }: Effort): Promise<() => Promise<number>> {
	let calls = 1;
	for (let warm = 0; warm < 5;) {
		const tookMs = await timeOf(side, calls);
		if (tookMs >= turnMs / 2) warm++;
		calls = Math.ceil(calls * Math.min(10, Math.max(0.5, turnMs / Math.max(tookMs, 0.01))));
	}
	return async () => (calls / (await timeOf(side, calls))) * 1_000;
}

async function timeOf(side: Side, calls: number): Promise<number> {
	const startedAt = performance.now();
	await side(calls);
	return performance.now() - startedAt;
}

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
