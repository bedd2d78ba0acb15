import { alternate, type Side } from './alternate';
import type { Effort, Measurement } from './benchmark';
import { median, quartiles } from './statistics';

/** The work that is guarded on all sides. */
export const noop = async (): Promise<void> => {};

/** What any guard around an async call costs at least: awaiting the call. */
export const floor: Side = async (calls) => {
	for (let call = 0; call < calls; call++) await noop();
};

/** Ours against another, and both against the floor. */
export async function compare(ours: Side, other: Side, effort: Effort): Promise<Measurement> {
	const rounds = await alternate([ours, other, floor], effort);
	const measured = ratio(rounds);
	const share = (side: number) =>
		`${(median(rounds.map((speeds) => speeds[side]! / speeds[2]!)) * 100).toPrecision(2)} %`;
	const note = `${measured.note}; ours runs at ${share(0)} of a bare await, the other at ${share(1)}`;
	return { ...measured, note };
}

/** The median of the rounds' ratios of the first side's speed to the second's. */
export function ratio(rounds: readonly number[][]): Measurement {
	const ratios = rounds.map(([ours, other]) => ours! / other!);
	const [low, high] = quartiles(ratios);
	return {
		figure: median(ratios),
		ours: median(rounds.map(([ours]) => ours!)),
		other: median(rounds.map(([, other]) => other!)),
		note: `half of ${rounds.length} rounds within ${low.toFixed(2)}-${high.toFixed(2)}`,
	};
}
