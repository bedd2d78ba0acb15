import type { PolicyLook } from '../policy-states';
import { valueOf, type Reading } from '../stack';
import type { DatedLintReport } from './config-lint';
import {
	clockFindings,
	COMPONENTS,
	configurationFindings,
	databaseFindings,
	executionFindings,
	isThere,
	lostFindings,
	policyFindings,
	processFindings,
	queueFindings,
	redisFindings,
	sourceFindings,
	unfoundMains,
	unknownOf,
	unknownsOf,
	unseenPolicies,
	workerFindings,
	type Component,
	type Finding,
	type Unknown,
} from './findings';
import { bySeverity, type Severity } from './severity';
import type { LostSeen } from './lost-seen';
import type { StackLook, StackObservation } from './stack-monitor';
import type { Thresholds } from './thresholds';

export const HEALTH_STATUSES = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const;

export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** How the stack fares, why, and what is not known. */
export interface Health {
	/** When it was looked at, ms since the epoch. */
	readonly at: number;
	readonly status: HealthStatus;
	readonly components: ReadonlyArray<{
		readonly component: Component;
		readonly status: HealthStatus;
	}>;
	/** The worst first. */
	readonly findings: readonly Finding[];
	readonly unknowns: readonly Unknown[];
	readonly configuration: ConfigurationSummary;
}

/** What the last check of settings found, in figures. */
export interface ConfigurationSummary extends Readonly<Record<Severity, number>> {
	/** Rules that could not be checked. */
	readonly notChecked: number;
	/** Ms since the epoch. */
	readonly at: number;
}

/** Judges all that was seen. */
export function assess(
	observation: StackObservation,
	policies: Reading<PolicyLook>,
	configuration: DatedLintReport,
	thresholds: Thresholds,
	lost?: LostSeen,
): Health {
	const { look } = observation;
	const unknowns = [...unknownsOf(look), ...(policies.isKnown ? [] : [unknownOf(policies)])];
	const findings = [
		...sourceFindings(unknowns),
		...processFindings(observation, thresholds),
		...workerFindings(observation, thresholds),
		...queueFindings(observation, thresholds),
		...redisFindings(observation, thresholds),
		...databaseFindings(observation, thresholds),
		...executionFindings(observation, thresholds),
		...lostFindings(lost),
		...clockFindings(observation.clocks.readings, thresholds),
		...(policies.isKnown ? policyFindings(policies.value.states, look.at) : []),
		...configurationFindings(configuration),
	].sort(bySeverity);
	const unseen = unseenPolicies(policies);
	const known = knownComponents(observation, policies.isKnown && unseen.length === 0);
	const unfound = isMainKnown(look) ? [] : unfoundMains(look);
	const found = statusOf(findings);
	// Without its main process nothing of n8n is well.
	const overall = found === 'healthy' && unfound.length > 0 ? 'unknown' : found;
	return {
		at: look.at,
		status: known.size === 0 ? (findings.length > 0 ? 'unhealthy' : 'unknown') : overall,
		components: COMPONENTS.map((component) => {
			const own = findings.filter((finding) => finding.component === component);
			return {
				component,
				status: known.has(component) || own.length > 0 ? statusOf(own) : 'unknown',
			};
		}),
		findings,
		unknowns: [...unknowns, ...unfound, ...unseen],
		configuration: summaryOf(configuration),
	};
}

function summaryOf({ findings, unknown, at }: DatedLintReport): ConfigurationSummary {
	const counted = (wanted: Severity) =>
		findings.filter(({ severity }) => severity === wanted).length;
	return {
		critical: counted('critical'),
		warning: counted('warning'),
		info: counted('info'),
		notChecked: unknown.length,
		at,
	};
}

const statusOf = (findings: readonly Finding[]): HealthStatus =>
	findings.some(({ severity }) => severity === 'critical')
		? 'unhealthy'
		: findings.some(({ severity }) => severity === 'warning')
			? 'degraded'
			: 'healthy';

/** Whether a main process has signed on lately. */
const isMainKnown = ({ instances }: StackLook): boolean =>
	valueOf(instances)?.some(({ type }) => type === 'main') ?? false;

function knownComponents({ look }: StackObservation, arePolicies: boolean): ReadonlySet<Component> {
	const known: ReadonlyArray<readonly [Component, boolean]> = [
		['n8n', valueOf(look.processes)?.some((one) => one.type === 'main' && isThere(one)) ?? false],
		['workers', look.clients.isKnown && (look.instances.isKnown || look.statuses.isKnown)],
		['queue', look.counts.isKnown],
		['redis', look.redis.isKnown],
		['database', look.database.isKnown],
		['executions', look.rates.isKnown],
		['policies', arePolicies],
	];
	return new Set(known.filter(([, isKnown]) => isKnown).map(([component]) => component));
}
