import { Problem } from './problem.ts';

const OLDEST_NODE = 24;

/** Throws unless the Node that runs this can run n8n. */
export function needNode(): void {
	const major = Number(process.versions.node.split('.')[0]);
	if (major >= OLDEST_NODE) return;
	throw new Problem(
		`n8n needs Node ${OLDEST_NODE} or newer; this is Node ${process.versions.node}.`,
		'Start by npm (`npm start`, `npm test`), which takes the Node in node_modules/.bin, or put a newer Node first on PATH.',
	);
}
