import type { Clock } from '../../core/ports';
import type { StackSources } from '../../core/stack';
import { HttpN8nApi } from './api';
import { openDatabase } from './database';
import { HttpProcessMetrics } from './metrics';
import { openQueueMode } from './open-queue-mode';
import type { StackSettings } from './stack-settings';

/** Sources, and how to end them. */
export interface OpenStackSources {
	readonly sources: StackSources;
	close(): Promise<void>;
}

/** Puts together whom an n8n can be asked by. Connects to nothing before something is asked. */
export function openStackSources(settings: StackSettings, clock: Clock): OpenStackSources {
	const { n8n, queue, redis, workerHealthUrls, healthEndpoint } = settings;
	const mode = settings.executionsMode ?? (settings.database?.type === 'sqlite' && 'regular');
	const queueMode = redis && openQueueMode(redis, queue, clock);
	const database = settings.database && openDatabase(settings.database, clock);
	const processes = [
		...(n8n ? [{ url: n8n.url, type: 'main' as const, isAssumed: n8n.isAssumed }] : []),
		...workerHealthUrls.map((url) => ({ url, type: 'worker' as const })),
	];
	return {
		sources: {
			...(queueMode && { queueMode: queueMode.sources }),
			isRegular: !queueMode && mode === 'regular',
			...(database && { database: database.source }),
			...(n8n && { api: new HttpN8nApi(n8n, clock) }),
			...(processes.length > 0 && {
				processes: new HttpProcessMetrics(processes, clock, healthEndpoint),
			}),
		},
		close: async () => {
			queueMode?.close();
			await database?.close();
		},
	};
}
