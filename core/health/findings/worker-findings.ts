import { isoTime } from '../../iso-time';
import type { StackObservation } from '../stack-monitor';
import { severityOf, type Thresholds } from '../thresholds';
import type { WorkerVerdict } from '../worker-verdict';
import type { Finding } from './finding';
import { duration, percent } from './words';

/** What is wrong with workers. */
export function workerFindings(
	{ look, workers }: StackObservation,
	thresholds: Thresholds,
): readonly Finding[] {
	const there = workers.filter(({ state }) => state !== 'vanished');
	const replaced = replacedOf(workers);
	const isKnown = look.instances.isKnown || look.statuses.isKnown;
	return [
		...(isKnown && there.length === 0 ? [noWorkers(look.at)] : []),
		...workers.flatMap((worker) => faultOf(worker, look.at, replaced.has(worker)) ?? []),
		...workers.flatMap((worker) => memoryOf(worker, thresholds) ?? []),
	];
}

const noWorkers = (at: number): Finding => ({
	id: 'workers-none',
	severity: 'critical',
	component: 'workers',
	summary: 'There is no worker: whatever is enqueued waits',
	evidence: [{ source: 'instance registry', says: `no worker at ${isoTime(at)}` }],
	remedy: 'Start a worker (n8n worker)',
	playbook: 'queue-backs-up',
});

const TAKES_JOBS: ReadonlySet<WorkerVerdict['state']> = new Set(['idle', 'working', 'saturated']);

/** Those that have ended and for each of which another of its pool has begun since, and takes jobs. */
function replacedOf(workers: readonly WorkerVerdict[]): ReadonlySet<WorkerVerdict> {
	const startOf = ({ lastAnswer }: WorkerVerdict) => lastAnswer?.startedAt ?? -Infinity;
	const free = new Set(workers.filter(({ state }) => TAKES_JOBS.has(state)));
	const ended = workers.filter(({ state, process }) => state === 'vanished' && process === 'ended');
	const lastFirst = ended.toSorted((one, other) => lastSignOf(other) - lastSignOf(one));
	return new Set(
		lastFirst.filter((worker) => {
			const successor = [...free].find(
				(one) => one.pool === worker.pool && startOf(one) > lastSignOf(worker),
			);
			return successor !== undefined && free.delete(successor);
		}),
	);
}

const lastSignOf = ({ answeredAt, since }: WorkerVerdict): number => answeredAt ?? since;

function faultOf(worker: WorkerVerdict, at: number, isReplaced: boolean): Finding | undefined {
	const { id, state, since, evidence, process } = worker;
	const common = { component: 'workers', subject: id, evidence } as const;
	const lasts = duration(Math.max(0, at - since));
	if (state === 'zombie')
		return {
			...common,
			id: 'worker-zombie',
			severity: 'critical',
			summary: `Worker ${id} is a zombie: its process lives, and has taken no job for ${lasts}`,
			remedy:
				'Plan to heal it (plan_worker_healing), which closes its connections to Redis; restart it where that does not help',
			playbook: 'worker-zombie',
		};
	if (state === 'vanished')
		return {
			...common,
			id: 'worker-vanished',
			severity: isReplaced ? 'warning' : 'critical',
			summary: isReplaced
				? `Worker ${id} has ended without a word, ${lasts} ago; another has come in its place`
				: process === 'ended'
					? `Worker ${id} has ended without a word, ${lasts} ago`
					: `Worker ${id} has gone from Redis ${lasts} ago; whether its process still runs is not known`,
			remedy: `Look for what it was running (find_lost_executions)${isReplaced ? '' : ', and start it again'}; its log or its container says why it ended`,
			playbook: 'worker-zombie',
		};
	if (state === 'unresponsive')
		return {
			...common,
			id: 'worker-unresponsive',
			severity: 'warning',
			summary: `Worker ${id} has not answered for ${lasts} and takes no jobs`,
			remedy:
				'Wait while it computes something long, such as a Code node; restart it where its machine is cut off',
			playbook: 'worker-zombie',
		};
	return undefined;
}

function memoryOf(worker: WorkerVerdict, { memory }: Thresholds): Finding | undefined {
	const answer = worker.lastAnswer;
	if (!answer || worker.state === 'vanished') return undefined;
	const limit = answer.memoryLimitBytes ?? answer.totalMemoryBytes;
	const share = limit > 0 ? answer.residentBytes / limit : 0;
	const severity = severityOf(share, memory);
	return (
		severity && {
			id: 'worker-memory',
			severity,
			component: 'workers',
			subject: worker.id,
			summary: `Worker ${worker.id} uses ${percent(share)} of the memory that it may use`,
			evidence: [{ source: 'workers', says: `it uses ${answer.residentBytes} of ${limit} bytes` }],
			remedy: 'Give it more memory, lower its --concurrency, or handle data in smaller batches',
		}
	);
}
