import type { Benchmark, Measurement } from './benchmark';

/** A row for machines. */
export interface Result {
	id: string;
	figure: number;
	/** Such as `>= 1`; null when there is none. */
	target: string | null;
	unit: string;
	ours: number | null;
	other: number | null;
	note: string;
}

export function toResult({ id, unit, target }: Benchmark, measured: Measurement): Result {
	const { figure, ours, other, note } = measured;
	return {
		id,
		figure: round(figure),
		target: target ? ('atLeast' in target ? `>= ${target.atLeast}` : `< ${target.below}`) : null,
		unit,
		ours: ours === undefined ? null : round(ours),
		other: other === undefined ? null : round(other),
		note,
	};
}

const cells = (...[id, figure, target, met, ours, other, what]: string[]): string =>
	[
		id!.padEnd(22),
		figure!.padStart(18),
		target!.padStart(7),
		met!.padEnd(6),
		ours!.padStart(10),
		other!.padStart(10),
		what,
	].join('  ');

export const heading = cells('id', 'figure', 'target', '', 'ours', 'other', 'what');

/** A row for people, in two lines: the figures, and how they were come by. */
export function row({ title, target }: Benchmark, result: Result): string {
	const { figure, ours, other, note } = result;
	const met = target && ('atLeast' in target ? figure >= target.atLeast : figure < target.below);
	const figures = cells(
		result.id,
		`${number(figure)} ${result.unit}`,
		result.target ?? '',
		met === undefined ? '' : met ? 'met' : 'MISSED',
		ours === null ? '' : number(ours),
		other === null ? '' : number(other),
		title,
	);
	return `${figures}\n${' '.repeat(24)}${note}`;
}

const round = (value: number): number => Number(value.toPrecision(4));

const number = (value: number): string =>
	value.toLocaleString('en-US', { maximumFractionDigits: value < 1_000 ? 2 : 0 });
