import type { StackSources } from '../../core/stack';
import type { Check } from './check';
import { UnansweredError } from './unanswered-error';

/** How long workers are waited for, in ms. */
const WORKERS_ANSWER_MS = 1_000;

/** Everything that goes by the Redis of n8n's queue. */
export function queueChecks(queueMode: StackSources['queueMode']): readonly Check[] {
	if (!queueMode)
		return [
			{
				source: 'redis',
				consequence:
					'Nothing is known of the queue and its workers; in regular mode n8n has neither',
				missing: {
					says: 'not configured, so n8n is taken to be in regular mode',
					remedy: 'In queue mode set "redis", or run with the environment of n8n',
				},
			},
		];
	const { redis, queue, registry, workers } = queueMode;
	return [
		{
			source: 'redis',
			consequence:
				'It is not known whether Redis is full, slow or failing, nor which connections are whose',
			ask: async () => {
				const [servers, clients] = await Promise.all([redis.info(), redis.clients()]);
				const versions = [...new Set(servers.map(({ version }) => version))].join(', ');
				return `${counted(servers.length, 'server')}, version ${versions}, ${counted(clients.length, 'connection')}`;
			},
		},
		{
			source: 'queue',
			consequence:
				'It is not known how many executions wait and for how long, nor which jobs were lost',
			ask: async () => {
				const pools = await queue.counts();
				const sum = (of: 'waiting' | 'active') =>
					pools.reduce((total, pool) => total + pool[of], 0);
				return `${sum('waiting')} waiting, ${sum('active')} active in ${counted(pools.length, 'pool')}`;
			},
		},
		{
			source: 'instance registry',
			consequence: 'It is not known which processes of n8n there are, nor which of them leads',
			ask: async () => {
				const instances = await registry.instances();
				if (instances.length === 0)
					throw new UnansweredError(
						'It is empty: no process of n8n has signed on within the last minute',
						"Check queue.registryPrefix (n8n's N8N_REDIS_KEY_PREFIX), the number of the database, and that n8n runs",
					);
				const of = (type: string) => instances.filter((one) => one.type === type).length;
				return `${of('main')} main, ${counted(of('worker'), 'worker')}, ${counted(of('webhook'), 'webhook processor')}`;
			},
		},
		{
			source: 'workers',
			consequence:
				'It is not known what each worker runs, nor its load and memory; zombies are told by fewer signs',
			ask: async () => {
				const [answers, instances] = await Promise.all([
					workers.askStatus(WORKERS_ANSWER_MS),
					registry.instances().catch(() => []),
				]);
				const known = instances.filter(({ type }) => type === 'worker').length;
				if (answers.length === 0 && known > 0)
					throw new UnansweredError(
						`None of ${counted(known, 'worker')} answered within ${WORKERS_ANSWER_MS} ms`,
						"Check that the user may use n8n's channels (docs/mcp-server.md lists the rights); if it may, get_health says which workers are zombies",
					);
				return `${answers.length} of ${Math.max(known, answers.length)} answered`;
			},
		},
	];
}

const counted = (count: number, thing: string): string =>
	`${count} ${thing}${count === 1 ? '' : 's'}`;
