import type { Effort } from './benchmark';

/** Makes that many calls. */
export type Side = (calls: number) => Promise<void>;

/**
 * Lets sides take short turns in one process, each round beginning with another, so that whatever else the machine
 * does hits all of them.
 * @returns per round each side's calls a second.
 */
export async function alternate(sides: readonly Side[], effort: Effort): Promise<number[][]> {
	const turns: Array<() => Promise<number>> = [];
	for (const side of sides) turns.push(await prepare(side, effort));
	const rounds: number[][] = [];
	for (let round = 0; round < effort.rounds; round++) {
		const speeds: number[] = [];
		for (let turn = 0; turn < turns.length; turn++) {
			const side = (round + turn) % turns.length;
			speeds[side] = await turns[side]!();
		}
		rounds.push(speeds);
	}
	return rounds;
}

/** Warms a side up and finds how many calls fill a turn; what it returns measures one turn. */
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
