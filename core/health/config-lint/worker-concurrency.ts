import type { N8nSettings } from './n8n-settings';

/** Of `n8n worker --concurrency`. */
const DEFAULT_CONCURRENCY = 10;

/** How many executions a worker runs at once, as far as settings say: `--concurrency` is not among them. */
export function workerConcurrency(settings: Pick<N8nSettings, 'value'>): number {
	return productionLimit(settings) ?? DEFAULT_CONCURRENCY;
}

/** How many executions that nobody began by hand a process of n8n runs at once; undefined for any number. */
export function productionLimit(settings: Pick<N8nSettings, 'value'>): number | undefined {
	const limit = settings.value('N8N_CONCURRENCY_PRODUCTION_LIMIT');
	return limit > 0 ? limit : undefined;
}
