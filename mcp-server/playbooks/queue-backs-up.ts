import { findLost, overview, recover } from './common-steps';
import type { Playbook } from './playbook';

export const queueBacksUp: Playbook = {
	name: 'queue-backs-up',
	title: 'The queue backs up',
	when: 'Executions wait longer and longer before a worker takes them.',
	subjects: {},
	steps: [
		overview,
		{
			tool: 'get_queue',
			given: {},
			why: 'See how much waits and since when, and whether it grows.',
			expect:
				'With a drain rate of about nothing, workers take no jobs: look for zombies next. With a drain rate below the rate of arrival, capacity is short, or each execution takes longer than it did.',
		},
		{
			tool: 'list_workers',
			given: {},
			why: 'See who works.',
			expect:
				'All of them saturated: add workers, or raise their concurrency if CPU and memory allow. One a zombie: go on with the playbook worker-zombie. Fewer than there should be: start the others.',
		},
		{
			tool: 'list_policies',
			given: { limit: 100 },
			why: 'Find limiters and bulkheads in which executions wait while they hold a slot of a worker.',
			expect:
				'A bulkhead or limiter with many waiting slows all workers down: inspect_policy shows it. Reject instead of waiting, or wait durably.',
		},
		findLost,
		...recover,
	],
	afterwards:
		'It is over when the age of the oldest waiting job falls. If arrivals stay above what workers can drain, more workers are needed: no repair changes that.',
};
