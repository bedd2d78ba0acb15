import { StoreError } from '../../../core/errors';

/** What Redis refuses for a while, whatever is asked: what it says it by, what that means, and what to do. */
const REFUSALS: ReadonlyArray<readonly [says: RegExp, means: string, remedy: string]> = [
	[
		/^OOM /,
		'Redis is full and takes no writes',
		'Give it more memory (maxmemory), or remove what fills it; n8n can enqueue nothing until then',
	],
	[
		/^READONLY /,
		'Redis at this address is a replica, and takes no writes',
		'Wait for the failover to end; if it lasts, give the address of the master, or those of the sentinels',
	],
	[
		/^MASTERDOWN /,
		'Redis at this address is a replica that has lost its master',
		'Bring the master back, or let a failover make this one the master',
	],
	[
		/^MISCONF /,
		'Redis cannot save its data, and takes no writes until it can',
		'Make room on its disk; its log says why saving fails',
	],
	[/^LOADING /, 'Redis has just started, and loads its data', 'Wait until it has loaded it'],
	[
		/^BUSY /,
		'Redis is busy with a script that does not end',
		'Wait, or end the script (SCRIPT KILL)',
	],
	[
		/^NOREPLICAS /,
		'Redis takes no writes with so few replicas',
		'Bring its replicas back, or lower min-replicas-to-write',
	],
	[
		/^CLUSTERDOWN /,
		'The cluster of Redis does not serve all of its slots',
		'Bring the masters back that are missing, or their replicas; CLUSTER INFO says how it is',
	],
	[
		/^ERR max number of clients/,
		'Redis has as many connections as it may have',
		'Raise maxclients, or find who opens so many (CLIENT LIST)',
	],
];

/** The error for what Redis refuses whatever is asked; undefined where what it says is about what was asked. */
export function refusalOf(message: string): StoreError | undefined {
	const found = REFUSALS.find(([says]) => says.test(message));
	if (!found) return undefined;
	const [, means, remedy] = found;
	return new StoreError('STORE_FAILED', `${means} (${message})`, remedy);
}
