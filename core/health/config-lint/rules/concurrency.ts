import { workerConcurrency } from '../worker-concurrency';
import { lintRule } from '../lint-rule';
import { switchedOff } from '../switched-off';

const LIMIT = 'N8N_CONCURRENCY_PRODUCTION_LIMIT';

/** How much runs at once, and where. */
export const concurrencyRules = [
	lintRule({
		id: 'concurrency-limit',
		mode: 'regular',
		needs: ['settings'],
		check({ settings }) {
			if (settings.value(LIMIT) > 0) return undefined;
			return {
				severity: 'warning',
				setting: LIMIT,
				value: settings.shown(LIMIT),
				loses:
					'A burst of webhooks runs all at once in one process: when its memory is used up, all of them die with it.',
				remedy: `${LIMIT}=20, or as many as the memory has room for`,
			};
		},
	}),
	lintRule({
		id: 'concurrency-limit-of-workers',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			const limit = settings.value(LIMIT);
			if (limit === -1) return undefined;
			const isBroken = limit <= 0;
			return {
				severity: isBroken ? 'critical' : 'info',
				setting: LIMIT,
				value: settings.shown(LIMIT),
				loses: isBroken
					? 'Main does not start with 0, and workers that are given 0 or less take no job.'
					: `In queue mode it limits nothing as a whole: each worker takes it for its own --concurrency, so ${limit} is what one worker runs, not all of them.`,
				remedy: `Remove ${LIMIT}, and start workers with --concurrency`,
			};
		},
	}),
	lintRule({
		id: 'runner-concurrency',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			const name = 'N8N_RUNNERS_MAX_CONCURRENCY';
			const concurrency = workerConcurrency(settings);
			if (settings.value(name) >= concurrency) return undefined;
			return {
				severity: 'warning',
				setting: name,
				value: settings.shown(name),
				loses: `A worker runs up to ${concurrency} executions, but fewer Code nodes: the others wait, and fail after ${settings.value('N8N_RUNNERS_TASK_REQUEST_TIMEOUT')} s (N8N_RUNNERS_TASK_REQUEST_TIMEOUT).`,
				remedy: `${name}=${concurrency}, on all workers`,
			};
		},
	}),
	switchedOff({
		id: 'manual-executions',
		mode: 'queue',
		setting: 'OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS',
		severity: 'warning',
		loses:
			'Manual executions run in main: one that takes too much memory or time stops webhooks, schedules and the editor with it.',
		remedy: 'OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS=true, on main',
	}),
	lintRule({
		id: 'execution-timeout',
		mode: 'any',
		needs: ['settings', 'workflows'],
		check({ settings, workflows }) {
			const name = 'EXECUTIONS_TIMEOUT';
			if (settings.value(name) > 0) return undefined;
			const endless = workflows.filter(({ settings: own }) => !(Number(own.executionTimeout) > 0));
			if (endless.length === 0) return undefined;
			return {
				severity: 'warning',
				setting: name,
				value: `${settings.shown(name)}; ${endless.length} active workflows have none of their own`,
				loses:
					'An execution that hangs keeps its slot until somebody stops it: as many as a worker has slots, and it takes no job any more.',
				remedy: `${name}=3600, and a longer Timeout in the settings of workflows that need one (EXECUTIONS_TIMEOUT_MAX is the most)`,
			};
		},
	}),
	lintRule({
		id: 'execution-timeout-cut',
		mode: 'any',
		needs: ['settings', 'workflows'],
		check({ settings, workflows }) {
			const name = 'EXECUTIONS_TIMEOUT_MAX';
			const most = settings.value(name);
			const longest = Math.max(
				...workflows.map(({ settings: own }) => Number(own.executionTimeout) || 0),
				settings.value('EXECUTIONS_TIMEOUT'),
			);
			if (most <= 0 || longest <= most) return undefined;
			return {
				severity: 'warning',
				setting: name,
				value: settings.shown(name),
				loses: `A workflow that is meant to have ${longest} s is stopped after ${most} s.`,
				remedy: `${name}=${longest}`,
			};
		},
	}),
];
