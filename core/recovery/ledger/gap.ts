import { NOT_CONFIGURED, SETTING_OF, SourceUnavailableError, type Reading } from '../../stack';

/** A source that did not answer, and what is therefore not known. */
export interface Gap {
	readonly source: string;
	readonly why: string;
	readonly cannotKnow: string;
}

export const gapOf = (
	{ source, why }: Extract<Reading<never>, { isKnown: false }>,
	cannotKnow: string,
): Gap => ({ source, why, cannotKnow });

/**
 * What keeps executions from being seen by a scan; undefined where nothing does. In regular mode something is never
 * known, which makes nothing that is known less sure.
 * @throws {SourceUnavailableError} where it saw none at all: nobody is to take for well what nobody could look at.
 */
export function hidingGap({
	gaps,
	lookedAt,
}: {
	readonly gaps: readonly Gap[];
	readonly lookedAt: number;
}): Gap | undefined {
	const gap = gaps.find(({ source }) => source === 'database' || source === 'queue');
	if (!gap || lookedAt > 0) return gap;
	const source = gap.source as 'database' | 'queue';
	throw gap.why === NOT_CONFIGURED
		? new SourceUnavailableError(
				source,
				`Source "${source}" is ${gap.why}, so it is not known ${gap.cannotKnow}`,
				SETTING_OF[source],
			)
		: new SourceUnavailableError(
				source,
				`The ${source} says nothing: ${gap.why}`,
				`Until it does it is not known ${gap.cannotKnow}`,
			);
}
