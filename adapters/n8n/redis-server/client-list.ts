import type { RedisClient } from '../../../core/ports/stack';

/** Reads what CLIENT LIST answers; newer servers have more fields. */
export const clientsOf = (list: string, server: string): RedisClient[] =>
	list
		.split('\n')
		.filter((line) => line.startsWith('id='))
		.map((line) => {
			const fields = new Map(line.trim().split(' ').map(fieldOf));
			const text = (name: string) => fields.get(name) ?? '';
			const number = (name: string) => Number(fields.get(name) ?? 0);
			return {
				...{ id: text('id'), server, name: text('name'), address: text('addr') },
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
