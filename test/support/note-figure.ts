import { appendFileSync } from 'node:fs';

/** Adds a figure that a test has measured to the file that BULWARK_FIGURES names, if it names one. */
export function noteFigure(what: string, figure: number, unit: string): void {
	const file = process.env.BULWARK_FIGURES;
	if (file) appendFileSync(file, `${what}: ${Math.round(figure)} ${unit}\n`);
}
