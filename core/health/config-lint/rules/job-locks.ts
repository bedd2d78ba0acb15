import { lintRule } from '../lint-rule';

/** Shorter pauses of a worker are common: garbage collection, a large JSON, a Code node. */
const LONGEST_PAUSE_MS = 30_000;
/** Stalled jobs should be looked for at least this often. */
const LONGEST_UNSEEN_MS = 300_000;

/** For how long workers hold jobs. A job whose lock has run out is failed, and never run again. */
export const jobLockRules = [
	lintRule({
		id: 'lock-renewal',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			const name = 'QUEUE_WORKER_LOCK_RENEW_TIME';
			const renewMs = settings.value(name);
			const durationMs = settings.value('QUEUE_WORKER_LOCK_DURATION');
			if (renewMs <= durationMs / 3) return undefined;
			const isNever = renewMs >= durationMs;
			return {
				severity: isNever ? 'critical' : 'warning',
				setting: name,
				value: `${renewMs}, with QUEUE_WORKER_LOCK_DURATION ${durationMs}`,
				loses: isNever
					? 'Locks run out before they are renewed: every job that lasts longer is failed as stalled while it still runs.'
					: 'One or two renewals that come late are enough for a job to be failed as stalled while it still runs.',
				remedy: `${name}=${Math.max(1_000, Math.floor(durationMs / 6))}, on all workers`,
			};
		},
	}),
	lintRule({
		id: 'lock-duration',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			const name = 'QUEUE_WORKER_LOCK_DURATION';
			const durationMs = settings.value(name);
			if (durationMs >= LONGEST_PAUSE_MS) return undefined;
			return {
				severity: 'warning',
				setting: name,
				value: settings.shown(name),
				loses: `A worker that computes or collects garbage for ${durationMs} ms loses all jobs that it runs: they are failed as stalled, though they may end well.`,
				remedy: `${name}=60000 and QUEUE_WORKER_LOCK_RENEW_TIME=10000, on all workers`,
			};
		},
	}),
	lintRule({
		id: 'stalled-interval',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			const name = 'QUEUE_WORKER_STALLED_INTERVAL';
			const intervalMs = settings.value(name);
			if (intervalMs > 0 && intervalMs <= LONGEST_UNSEEN_MS) return undefined;
			return {
				severity: intervalMs > 0 ? 'warning' : 'critical',
				setting: name,
				value: settings.shown(name),
				loses:
					intervalMs > 0
						? `The jobs of a worker that died are noticed up to ${Math.round(intervalMs / 60_000)} min later; until then callers wait, and the executions show as running.`
						: 'Nobody looks for the jobs of workers that died: they stay active, their executions running, and callers wait for ever.',
				remedy: `${name}=30000, on all workers`,
			};
		},
	}),
];
