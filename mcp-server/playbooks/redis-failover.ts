import { findLost, overview, recover } from './common-steps';
import type { Playbook } from './playbook';

export const redisFailover: Playbook = {
	name: 'redis-failover',
	title: 'Redis failed over, or was restarted',
	when: 'The Redis of the queue was away, or another server has taken its place.',
	subjects: {},
	steps: [
		overview,
		{
			tool: 'list_workers',
			given: {},
			why: 'See who found the new server.',
			expect:
				'All workers are there again within a minute. n8n ends itself after 10 s without Redis: who is missing has to be started. Who is a zombie still talks to the old server: playbook worker-zombie.',
		},
		{
			tool: 'get_queue',
			given: {},
			why: 'See whether the queue came along.',
			expect:
				'An empty queue while executions are new in the database means that jobs were lost: Redis hands on what it has confirmed only afterwards.',
		},
		findLost,
		...recover,
		{
			tool: 'list_policies',
			given: { limit: 100 },
			why: 'See whether the states of policies came along.',
			expect:
				'States may be a moment old: breakers may be as they were before, and limits may have been used twice. They mend themselves; inspect_policy shows each.',
		},
		{
			tool: 'lint_configuration',
			given: {},
			why: 'Find settings that made the loss larger than need be.',
			expect:
				'Such as an eviction policy that removes jobs, no append-only file, or clients without keepalive.',
		},
	],
	afterwards:
		'It is over when the queue drains and no lost executions are named. Whatever was confirmed within the last moments before a failover can be lost: what must not run twice needs a Run Once step.',
};
