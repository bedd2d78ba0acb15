import type { ProcessMetrics, UnreachableProcess } from '../../ports/stack';
import { valueOf } from '../../stack';
import type { StackObservation } from '../stack-monitor';
import { severityOf, type Thresholds } from '../thresholds';
import type { Finding } from './finding';
import { duration, percent } from './words';

/** What processes of n8n say of themselves. */
export function processFindings(
	{ look: { processes, instances }, loads, workers }: StackObservation,
	thresholds: Thresholds,
): readonly Finding[] {
	const known = valueOf(processes) ?? [];
	const nameOf = ({ url, type }: Pick<ProcessMetrics, 'url' | 'type'>): string => {
		const worker = workers.find(({ healthCheck }) => healthCheck === url);
		return `n8n's ${type} process at ${url}${worker ? ` (${worker.id})` : ''}`;
	};
	const found = known.filter(isThere).flatMap((one): Finding[] =>
		'unreachable' in one
			? [
					{
						...common(one.type, one.url),
						id: `${one.type}-unreachable`,
						severity: one.type === 'main' ? 'critical' : 'warning',
						summary: `${nameOf(one)} is not reached`,
						evidence: [{ source: 'n8n metrics', says: one.unreachable }],
						remedy: 'See whether it runs, and whether this server may reach it',
					},
				]
			: measured(one, nameOf(one), thresholds),
	);
	for (const { url, type, cpu, webhookErrorRate } of loads) {
		found.push(
			...over(type, url, 'cpu', severityOf(cpu, thresholds.cpu), {
				summary: `${nameOf({ url, type })} uses ${percent(cpu)} of a processor`,
				says: `${percent(cpu)} between two looks`,
				remedy:
					type === 'main'
						? 'Move work to workers, start more of them, or find what computes'
						: 'Start more workers, or find what computes',
			}),
		);
		if (webhookErrorRate !== undefined)
			found.push(
				...over(type, url, 'webhook-errors', severityOf(webhookErrorRate, thresholds.errorRate), {
					summary: `${percent(webhookErrorRate)} of webhook answers of ${url} are errors`,
					says: `${percent(webhookErrorRate)} between two looks`,
					remedy: 'See which workflows fail',
				}),
			);
	}
	if (instances.isKnown) found.push(...instanceFindings(instances.value));
	return found;
}

/** Whether it must be at its address: nobody is missed where he was never said to be. */
export const isThere = (one: ProcessMetrics | UnreachableProcess): boolean =>
	!('unreachable' in one && one.mayBeElsewhere);

function measured(process: ProcessMetrics, name: string, thresholds: Thresholds): Finding[] {
	const { type, url, isReady, notReadyBecause, eventLoopLagP99Ms, webhookRequests } = process;
	const found: Finding[] = [];
	if (!isReady)
		found.push({
			...common(type, url),
			id: `${type}-not-ready`,
			severity: type === 'main' ? 'critical' : 'warning',
			summary: `${name} is not ready`,
			evidence: [{ source: 'n8n metrics', says: notReadyBecause ?? 'not ready' }],
			remedy: 'Wait if it starts; else see its database and its Redis',
		});
	if (eventLoopLagP99Ms !== undefined)
		found.push(
			...over(type, url, 'event-loop', severityOf(eventLoopLagP99Ms, thresholds.eventLoopLagMs), {
				summary: `The event loop of ${name} lags by ${duration(eventLoopLagP99Ms)}`,
				says: `99th percentile ${eventLoopLagP99Ms} ms`,
				remedy:
					type === 'main'
						? 'Find what computes in it: large data, or Code nodes; move it to workers'
						: 'Find what computes in it: large data, or Code nodes; lower its --concurrency, or start more workers',
			}),
		);
	if (webhookRequests?.p95Ms !== undefined)
		found.push(
			...over(type, url, 'webhook-slow', severityOf(webhookRequests.p95Ms, thresholds.p95Ms), {
				summary: `Webhooks of ${url} take ${duration(webhookRequests.p95Ms)} to answer (95th percentile)`,
				says: `p95 of ${webhookRequests.total} answers since it started: ${webhookRequests.p95Ms} ms`,
				remedy: 'Let them respond immediately, or start more workers',
			}),
		);
	return found;
}

function over(
	type: ProcessMetrics['type'],
	url: string,
	id: string,
	severity: Finding['severity'] | undefined,
	{ says, ...words }: { summary: string; says: string; remedy: string },
): Finding[] {
	if (!severity) return [];
	const evidence = [{ source: 'n8n metrics', says }] as const;
	return [{ ...common(type, url), id, severity, evidence, ...words }];
}

const common = (type: ProcessMetrics['type'], url: string) =>
	({ component: type === 'main' ? 'n8n' : 'workers', subject: url }) as const;

function instanceFindings(
	instances: ReadonlyArray<{ type: string; version: string; isLeader: boolean }>,
): Finding[] {
	const found: Finding[] = [];
	const versions = [...new Set(instances.map(({ version }) => version))].sort();
	if (versions.length > 1)
		found.push({
			id: 'versions-differ',
			severity: 'warning',
			component: 'n8n',
			summary: `Processes of n8n have different versions: ${versions.join(', ')}`,
			evidence: [{ source: 'instance registry', says: `versions ${versions.join(', ')}` }],
			remedy: 'Bring all to one version: they share a database',
		});
	const mains = instances.filter(({ type }) => type === 'main');
	const leaders = mains.filter(({ isLeader }) => isLeader).length;
	if (mains.length > 0 && leaders !== 1)
		found.push({
			id: leaders === 0 ? 'no-leader' : 'several-leaders',
			severity: 'critical',
			component: 'n8n',
			summary:
				leaders === 0
					? 'No main process leads: schedules and polls do not run'
					: `${leaders} main processes lead: schedules and polls run more than once`,
			evidence: [{ source: 'instance registry', says: `${leaders} of ${mains.length} mains lead` }],
			remedy: 'See whether mains reach Redis; restart those that do not',
			playbook: 'redis-failover',
		});
	return found;
}
