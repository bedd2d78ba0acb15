import { randomBytes } from 'node:crypto';

import { idPrefix } from '../../core/process-id';
import { workerName } from './worker-name';

/** Written out once, because turning a new number into text costs more than the rest of an id. */
const SUFFIXES = Array.from({ length: 1_024 }, (_, number) => `:${number}`);

/** Ids that are unique for ever: one per process, which says which it is and is random besides, then two numbers. */
export function createPermitIds(): () => string {
	const maker = { worker: workerName(), pid: process.pid };
	const processId = idPrefix(maker, randomBytes(12).toString('base64url'));
	let prefix = '';
	let used = 0;
	return () => {
		const place = used++ % SUFFIXES.length;
		if (place === 0) prefix = `${processId}:${used}`;
		return prefix + SUFFIXES[place]!;
	};
}
