import { FIGURES } from '../../core/policies/figures.ts';

/** What the figures of policies mean, as a Markdown table. */
export const figuresTable = (): string =>
	[
		'| Figure | What it tells |',
		'| --- | --- |',
		...Object.entries(FIGURES).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
	].join('\n');
