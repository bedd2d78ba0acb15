import { randomUUID } from 'node:crypto';

/** Ids that are unique for ever: a random one per process, then a number. */
export function createPermitIds(): () => string {
	const prefix = `${randomUUID()}:`;
	let next = 0;
	return () => prefix + next++;
}
