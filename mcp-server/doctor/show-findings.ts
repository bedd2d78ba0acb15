import { oneLine } from '../../core/one-line';
import type { Finding } from './finding';

const MARKS: Readonly<Record<Finding['status'], string>> = {
	reached: 'ok     ',
	partly: 'partly ',
	failed: 'FAILED ',
	missing: 'missing',
};

/** Findings for a person to read, a few lines each. */
export function showFindings(findings: readonly Finding[]): string[] {
	const width = Math.max(...findings.map(({ source }) => source.length));
	const indent = ' '.repeat(MARKS.reached.length + width + 4);
	const lines = findings.flatMap(({ source, status, durationMs, says, consequence, remedy }) => [
		// What a source answers may be anything.
		`${MARKS[status]}  ${source.padEnd(width)}  ${oneLine(says)} (${Math.round(durationMs)} ms)`,
		...(consequence ? [`${indent}${consequence}`] : []),
		...(remedy ? [`${indent}remedy: ${oneLine(remedy)}`] : []),
	]);
	const failed = findings.filter(({ status }) => status === 'failed').length;
	return [...lines, '', failed === 0 ? 'Nothing has failed.' : `${failed} failed.`];
}
