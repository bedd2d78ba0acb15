import { Buffer } from 'node:buffer';

import type { RedisClient } from '../../../core/ports/stack';

/** Where n8n keeps its queue. */
export interface QueuePlace {
	/** As Bull's keys have it. */
	readonly prefix: string;
	readonly database: number;
}

/**
 * Reads what CLIENT LIST answers; newer servers have more fields. Those that take jobs of another n8n's queue have no name:
 * nothing else of them tells them from our workers'.
 */
export const clientsOf = (list: string, server: string, queue: QueuePlace): RedisClient[] =>
	list
		.split('\n')
		.filter((line) => line.startsWith('id='))
		.map((line) => {
			const fields = new Map(line.trim().split(' ').map(fieldOf));
			const text = (name: string) => fields.get(name) ?? '';
			const number = (name: string) => Number(fields.get(name) ?? 0);
			const isOfAnotherN8n = takesJobsElsewhere(text('name'), number('db'), queue);
			return {
				...{ id: text('id'), server, address: text('addr') },
				...(isOfAnotherN8n ? { name: '', isOfAnotherN8n } : { name: text('name') }),
				...(fields.has('laddr') && { serverAddress: text('laddr') }),
				...{ user: text('user'), flags: text('flags'), command: text('cmd').toLowerCase() },
				...{ idleMs: number('idle') * 1_000, ageMs: number('age') * 1_000 },
				subscriptions: number('sub') + number('psub') + number('ssub'),
			};
		});

/** A name may hold what parts others. */
const fieldOf = (field: string): [string, string] => {
	const end = field.indexOf('=');
	return [field.slice(0, end), field.slice(end + 1)];
};

/** Bull names a connection that takes jobs by the prefix of its keys and by its queue, in base64. */
function takesJobsElsewhere(name: string, database: number, queue: QueuePlace): boolean {
	const end = name.lastIndexOf(':');
	const isTaker =
		end >= 0 && /^jobs(-|$)/.test(Buffer.from(name.slice(end + 1), 'base64').toString());
	return isTaker && (name.slice(0, end) !== queue.prefix || database !== queue.database);
}
