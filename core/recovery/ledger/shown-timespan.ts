/** A length of time as evidence shows it. */
export const shownTimespan = (ms: number): string =>
	ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
