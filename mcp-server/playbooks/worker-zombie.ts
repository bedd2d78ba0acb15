import { findLost, recover } from './common-steps';
import type { Playbook } from './playbook';

export const workerZombie: Playbook = {
	name: 'worker-zombie',
	title: 'A worker takes no more jobs',
	when: 'A worker looks alive, answers its health check, and takes no jobs.',
	subjects: { worker: 'Host id of the worker, as list_workers shows it.' },
	steps: [
		{
			tool: 'list_workers',
			given: {},
			why: 'Get the verdict on each worker, with the evidence.',
			expect:
				'The worker is called a zombie. A saturated worker is none: it renews the locks of as many jobs as it may run. Leave that one alone.',
		},
		{
			tool: 'plan_worker_healing',
			given: { worker: '<worker>' },
			why: 'Plan to close all of its connections to Redis, so that it opens new ones.',
			expect:
				'A plan, where it is known which connections are its own. Otherwise the answer says that only a restart will do: restart the worker, leave out the next step, and go on with the lost executions.',
		},
		{
			tool: 'apply_plan',
			given: { planId: '<planId>' },
			why: 'Do it, once the user agrees.',
			expect:
				'The report says whether the worker takes jobs again. Where it does not, restart it; SIGTERM lets it end what it runs.',
		},
		findLost,
		...recover,
	],
	afterwards:
		'It is over when list_workers calls the worker idle or busy. What a zombie ran may yet succeed, and is never run a second time. To find dead connections sooner, set QUEUE_BULL_REDIS_KEEP_ALIVE=true with a short delay and interval on all processes of n8n.',
};
