import { randomUUID } from 'node:crypto';

/** Written out once, because turning a new number into text costs more than the rest of an id. */
const SUFFIXES = Array.from({ length: 1_024 }, (_, number) => `:${number}`);

/** Ids that are unique for ever: a random one per process, then two numbers. */
export function createPermitIds(): () => string {
	const processId = randomUUID();
	let prefix = '';
	let used = 0;
	return () => {
		const place = used++ % SUFFIXES.length;
		if (place === 0) prefix = `${processId}:${used}`;
		return prefix + SUFFIXES[place]!;
	};
}
