import { breakerStorm } from './breaker-storm';
import type { Playbook } from './playbook';
import { postgresPoolExhausted } from './postgres-pool-exhausted';
import { queueBacksUp } from './queue-backs-up';
import { redisFailover } from './redis-failover';
import { workerZombie } from './worker-zombie';

export type { Playbook, PlaybookStep, Subject } from './playbook';
export { showPlaybook } from './show-playbook';

/** All playbooks, by name. */
export const playbooks: readonly Playbook[] = [
	breakerStorm,
	postgresPoolExhausted,
	queueBacksUp,
	redisFailover,
	workerZombie,
];
