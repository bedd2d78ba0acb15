import type { QueueOutlook } from '../queue-outlook';
import { queueTime, type StackObservation } from '../stack-monitor';
import { severityOf, type Thresholds } from '../thresholds';
import type { Evidence } from '../worker-verdict';
import type { Finding } from './finding';
import { count, duration, rate } from './words';

/** What is wrong with the queue. */
export function queueFindings(
	{ queues, look, clocks }: StackObservation,
	thresholds: Thresholds,
): readonly Finding[] {
	return [
		...queues.flatMap((queue) => findingsOf(queue, thresholds)),
		...(look.jobs.isKnown ? unheldOf(look.jobs.value.jobs, queueTime(look.at, clocks)) : []),
	];
}

function findingsOf(queue: QueueOutlook, { queueAgeMs }: Thresholds): Finding[] {
	const { pool, waiting, active, oldestWaitingMs, forecast, isPaused } = queue;
	const name = pool === '' ? 'The queue' : `The queue of pool ${pool}`;
	const evidence: Evidence[] = [
		{ source: 'queue', says: `${waiting} waiting, ${active} active` },
		...(queue.measured
			? [
					{
						source: queue.measured.by,
						says: `${rate(queue.arrivals!)} arrive and ${rate(queue.drain!)} are taken, over ${duration(queue.measured.overMs)}`,
					},
				]
			: []),
	];
	const common = {
		component: 'queue',
		subject: pool,
		evidence,
		playbook: 'queue-backs-up',
	} as const;
	const found: Finding[] = [];
	if (isPaused)
		found.push({
			...common,
			id: 'queue-paused',
			severity: 'critical',
			summary: `${name} is paused for all workers: nothing is taken`,
			remedy: 'Somebody has paused it in Redis; n8n itself never does. Resume it',
		});
	const age = oldestWaitingMs === undefined ? undefined : severityOf(oldestWaitingMs, queueAgeMs);
	if (age)
		found.push({
			...common,
			id: 'queue-old',
			severity: age,
			summary: `${name} holds a job that has waited for ${duration(oldestWaitingMs!)}, among ${count(waiting, 'job')}`,
			remedy: 'Start more workers, raise their --concurrency, or find out what holds them',
		});
	if (forecast.kind === 'stands')
		found.push({
			...common,
			id: 'queue-stands',
			severity:
				oldestWaitingMs !== undefined && oldestWaitingMs < queueAgeMs.warning ? 'info' : 'critical',
			summary: `${name} stands still: ${count(waiting, 'job')} and none is taken`,
			remedy: 'See list_workers: are there any, and do they take jobs?',
		});
	if (forecast.kind === 'grows')
		found.push({
			...common,
			id: 'queue-grows',
			severity: 'warning',
			summary: `${name} grows by ${rate(forecast.bySecond)}: more arrive than are taken`,
			remedy: 'Start more workers, raise their --concurrency, or let fewer executions in',
		});
	return found;
}

/** Between taking a job and locking it pass milliseconds. */
const LONGEST_UNHELD_MS = 15_000;

function unheldOf(
	jobs: readonly { readonly lock?: unknown; readonly takenAt?: number; readonly addedAt: number }[],
	now: number,
): Finding[] {
	const unheld = jobs.filter(
		({ lock, takenAt, addedAt }) => !lock && now - (takenAt ?? addedAt) > LONGEST_UNHELD_MS,
	);
	return unheld.length === 0
		? []
		: [
				{
					id: 'jobs-unheld',
					severity: 'critical',
					component: 'queue',
					summary: `${count(unheld.length, 'job is', 'jobs are')} active, and no worker holds ${unheld.length === 1 ? 'it' : 'them'}`,
					evidence: [{ source: 'queue', says: `${unheld.length} active without a lock` }],
					remedy: 'Look for what was lost (find_lost_executions), and plan to run it again',
					playbook: 'worker-zombie',
				},
			];
}
