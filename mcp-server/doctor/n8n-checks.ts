import type { StackSources } from '../../core/stack';
import type { FullConfig } from '../config/read-config';
import type { Check } from './check';
import { UnansweredError } from './unanswered-error';

/** n8n's database, public API and processes. */
export function n8nChecks(
	{ n8n, workers, redis }: FullConfig,
	{ database, api, processes }: StackSources,
): readonly Check[] {
	const lookAtProcesses = once(async () => (await processes?.processes()) ?? []);
	const processCheck = (source: string, url: string): Check => ({
		source,
		consequence: 'It is not known whether it is ready, nor its CPU, memory and event-loop lag',
		ask: async () => {
			const found = (await lookAtProcesses()).find((one) => one.url === url);
			if (found && 'unreachable' in found && found.mayBeElsewhere)
				return {
					status: 'missing',
					says: `nothing of n8n is at ${url} (${found.unreachable}), and no other address is set (n8n.url)`,
					consequence: 'It is not known whether n8n runs, nor its CPU, memory and event-loop lag',
					remedy:
						'Where it runs elsewhere set n8n.url (BULWARK_N8N_URL), or run with the environment of n8n',
				};
			if (!found || 'unreachable' in found)
				throw new UnansweredError(
					`${url} does not answer: ${found?.unreachable ?? 'nobody asked it'}`,
					'Check the address, and that the process runs; workers answer only with QUEUE_HEALTH_CHECK_ACTIVE=true',
				);
			if (!found.isReady)
				throw new UnansweredError(
					`${url} is not ready: ${found.notReadyBecause ?? 'it does not say why'}`,
					'Look into its log; it may be starting, or have lost its database or Redis',
				);
			if (found.hasMetrics) return `${url} is ready and has metrics`;
			return {
				says: `${url} is ready`,
				consequence: 'Its CPU, memory and event-loop lag are not known',
				remedy: 'Set N8N_METRICS=true in its environment',
			};
		},
	});
	return [
		{
			source: 'database',
			consequence:
				'Nothing is known of executions and workflows: what was lost, how they went, when schedules fired',
			...(database
				? {
						ask: async () => {
							const [{ type, version }, unfinished] = await Promise.all([
								database.server.statistics(),
								database.executions.unfinishedCounts(),
								database.workflows.active(1),
							]);
							return `${type} ${version}; ${unfinished.new} new, ${unfinished.running} running, ${unfinished.waiting} waiting`;
						},
					}
				: {
						missing: {
							says: 'not configured',
							remedy: 'Set "database", or run with the environment of n8n',
						},
					}),
		},
		{
			source: 'n8n api',
			consequence: 'Failed executions cannot be retried, nor running ones stopped',
			...(n8n.apiKey && api
				? {
						ask: async () => {
							await api.check();
							return `${n8n.url} accepts the key`;
						},
					}
				: {
						missing: {
							says: 'no key is configured',
							remedy:
								'Make one in n8n under Settings, n8n API, and set n8n.apiKey or BULWARK_N8N_API_KEY',
						},
					}),
		},
		processCheck('main', n8n.url),
		...workers.map(({ healthUrl }, index) => processCheck(`worker ${index + 1}`, healthUrl)),
		...(redis && workers.length === 0
			? [
					{
						source: 'metrics of workers',
						consequence: 'The CPU and event-loop lag of workers are not known',
						missing: {
							says: 'no address is configured',
							remedy:
								'Set workers, a list such as [{"healthUrl": "http://worker-1:5678"}], and QUEUE_HEALTH_CHECK_ACTIVE=true there',
						},
					},
				]
			: []),
	];
}

/** Several checks go by one look. */
function once<T>(look: () => Promise<T>): () => Promise<T> {
	let looking: Promise<T> | undefined;
	return () => (looking ??= look());
}
