import { isoTime } from '../iso-time';
import type { Health } from './assess';
import type { Component, Finding, Unknown } from './findings';

/** A finding as whoever asks is told of it. */
export const tellFinding = ({ evidence, ...rest }: Finding) => ({
	...rest,
	evidence: evidence.map((one) => ({ ...one })),
});

/** What is not known, as whoever asks is told of it. */
export const tellUnknown = ({ notKnown, ...rest }: Unknown) => ({
	...rest,
	notKnown: [...notKnown],
});

/** How the stack fares, as whoever asks is told. */
export const tellHealth = ({
	at,
	status,
	components,
	findings,
	unknowns,
	configuration,
}: Health) => ({
	status,
	at: isoTime(at),
	components: components.map((one) => ({ ...one })),
	findings: findings.map(tellFinding),
	unknowns: unknowns.map(tellUnknown),
	configuration: { ...configuration, at: isoTime(configuration.at) },
});

/** Health with the status and the findings of one component only. */
export const healthOf = (health: Health, component: Component | undefined): Health =>
	component === undefined
		? health
		: {
				...health,
				status: health.components.find((one) => one.component === component)!.status,
				findings: health.findings.filter((one) => one.component === component),
			};
