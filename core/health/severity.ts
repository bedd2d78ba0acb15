/** How bad something is, the worst first. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** Sorts the worst first. */
export const bySeverity = (
	one: { readonly severity: Severity },
	other: { readonly severity: Severity },
): number => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity);
