import type { InstanceEntry } from '../../../ports/stack';
import { lintRule } from '../lint-rule';
import { switchedOff } from '../switched-off';

const ofType = (instances: readonly InstanceEntry[], wanted: InstanceEntry['type']) =>
	instances.filter(({ type }) => type === wanted);

/** Whether the processes of n8n fit together. */
export const instanceRules = [
	lintRule({
		id: 'mixed-versions',
		mode: 'queue',
		needs: ['instances'],
		check({ instances }) {
			const versions = [...new Set(instances.map(({ version }) => version))].sort();
			if (versions.length < 2) return undefined;
			return {
				severity: 'warning',
				setting: 'Version of n8n',
				value: versions
					.map((one) => `${one} (${instances.filter(({ version }) => version === one).length})`)
					.join(', '),
				loses:
					'Workers of another version than main may not know a node or its version: such executions fail, but only on some workers.',
				remedy:
					'Run one version on main, webhook processes and workers; stop workers before main is updated',
			};
		},
	}),
	lintRule({
		id: 'several-mains',
		mode: 'queue',
		needs: ['settings', 'instances'],
		check({ settings, instances }) {
			const mains = ofType(instances, 'main');
			const leaders = mains.filter(({ isLeader }) => isLeader);
			const isAllowed = settings.value('N8N_MULTI_MAIN_SETUP_ENABLED');
			if (mains.length < 2 || (isAllowed && leaders.length < 2)) return undefined;
			return {
				severity: 'critical',
				setting: 'N8N_MULTI_MAIN_SETUP_ENABLED',
				value: `${settings.shown('N8N_MULTI_MAIN_SETUP_ENABLED')}; ${mains.length} mains, ${leaders.length} of them leader`,
				loses:
					"Each main runs all schedules, so they fire twice; or these are two stacks on one Redis, whose workers take each other's jobs and do not find their executions.",
				remedy:
					'N8N_MULTI_MAIN_SETUP_ENABLED=true on all mains of one stack (a licence is needed); or a Redis of its own for each stack',
			};
		},
	}),
	lintRule({
		id: 'leader-key',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			const name = 'N8N_MULTI_MAIN_SETUP_KEY_TTL';
			const ttl = settings.value(name);
			const interval = settings.value('N8N_MULTI_MAIN_SETUP_CHECK_INTERVAL');
			if (!settings.value('N8N_MULTI_MAIN_SETUP_ENABLED') || ttl > 2 * interval) return undefined;
			return {
				severity: ttl > interval ? 'warning' : 'critical',
				setting: name,
				value: `${ttl} s, with N8N_MULTI_MAIN_SETUP_CHECK_INTERVAL ${interval} s`,
				loses:
					'The leader loses its role whenever one renewal is late: schedules are missed or fire twice while mains change over.',
				remedy: `${name}=${Math.max(10, 3 * interval)}, on all mains`,
			};
		},
	}),
	lintRule({
		id: 'no-worker',
		mode: 'queue',
		needs: ['instances', 'pools'],
		check({ instances, pools }) {
			const served = new Set(ofType(instances, 'worker').map(({ pool }) => pool));
			const unserved = pools.filter(({ pool, waiting }) => !served.has(pool) && waiting > 0);
			return unserved.map(({ pool, waiting }) => ({
				severity: 'critical' as const,
				setting: 'N8N_WORKER_POOL_NAME',
				value: `${pool === '' ? 'the default pool' : `pool "${pool}"`} has no worker and ${waiting} jobs`,
				loses: 'Its jobs wait for ever, and nothing says so.',
				remedy:
					pool === ''
						? 'Start a worker without N8N_WORKER_POOL_NAME'
						: `Start a worker with N8N_WORKER_POOLS_ENABLED=true and N8N_WORKER_POOL_NAME=${pool}`,
			}));
		},
	}),
	lintRule({
		id: 'no-webhook-process',
		mode: 'queue',
		needs: ['settings', 'instances'],
		check({ settings, instances }) {
			const name = 'N8N_DISABLE_PRODUCTION_MAIN_PROCESS';
			if (!settings.value(name) || ofType(instances, 'webhook').length > 0) return undefined;
			return {
				severity: 'critical',
				setting: name,
				value: `${settings.shown(name)}, and no webhook process runs`,
				loses:
					'Nobody answers production webhooks: their callers get 404, and no execution shows it.',
				remedy: `${name}=false on main, or start n8n webhook`,
			};
		},
	}),
	switchedOff({
		id: 'worker-health',
		mode: 'queue',
		setting: 'QUEUE_HEALTH_CHECK_ACTIVE',
		severity: 'info',
		loses:
			'Nobody can ask workers whether they are ready, so whatever starts them does not notice one that lost its database.',
		remedy: 'QUEUE_HEALTH_CHECK_ACTIVE=true and QUEUE_HEALTH_CHECK_PORT, on all workers',
	}),
];
