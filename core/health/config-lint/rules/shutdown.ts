import { lintRule } from '../lint-rule';

const SLACK = 1.5;

/** What happens to running executions when a process is told to end. */
export const shutdownRules = [
	lintRule({
		id: 'graceful-shutdown',
		mode: 'any',
		needs: ['settings', 'rates'],
		check({ settings, rates }) {
			const timeoutMs = 1_000 * shutdownTimeoutSeconds(settings);
			const { p95DurationMs } = rates;
			if (p95DurationMs === undefined || p95DurationMs <= timeoutMs) return undefined;
			const old = settings.isGiven('QUEUE_WORKER_TIMEOUT')
				? ', and remove QUEUE_WORKER_TIMEOUT'
				: '';
			const enoughSeconds = 60 * Math.ceil((SLACK * p95DurationMs) / 60_000);
			return {
				severity: 'critical',
				setting: 'N8N_GRACEFUL_SHUTDOWN_TIMEOUT',
				value: settings.shown('N8N_GRACEFUL_SHUTDOWN_TIMEOUT'),
				loses: `One execution in twenty lasts longer than ${Math.round(p95DurationMs / 1_000)} s: each restart, update or scale-in kills such executions after ${timeoutMs / 1_000} s.`,
				remedy: `N8N_GRACEFUL_SHUTDOWN_TIMEOUT=${enoughSeconds}${old}, and let whatever stops the process wait longer than that (terminationGracePeriodSeconds, stop_grace_period, TimeoutStopSec)`,
			};
		},
	}),
	lintRule({
		id: 'queue-worker-timeout',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			const old = 'QUEUE_WORKER_TIMEOUT';
			const timeout = settings.value('N8N_GRACEFUL_SHUTDOWN_TIMEOUT');
			if (!settings.isGiven(old) || settings.value(old) >= timeout) return undefined;
			return {
				severity: 'warning',
				setting: old,
				value: settings.shown(old),
				loses: `Workers go by this old setting instead of N8N_GRACEFUL_SHUTDOWN_TIMEOUT (${timeout} s), and kill what runs sooner than meant.`,
				remedy: `Remove ${old}, and set N8N_GRACEFUL_SHUTDOWN_TIMEOUT on workers too`,
			};
		},
	}),
];

/** On workers the old setting goes first. */
function shutdownTimeoutSeconds(settings: {
	value(name: 'QUEUE_WORKER_TIMEOUT' | 'N8N_GRACEFUL_SHUTDOWN_TIMEOUT'): number;
	isGiven(name: 'QUEUE_WORKER_TIMEOUT'): boolean;
}): number {
	const timeout = settings.value('N8N_GRACEFUL_SHUTDOWN_TIMEOUT');
	if (!settings.isGiven('QUEUE_WORKER_TIMEOUT')) return timeout;
	return Math.min(timeout, settings.value('QUEUE_WORKER_TIMEOUT'));
}
