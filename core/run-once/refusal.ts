import { RunLostError, type RejectedError } from '../errors';
import { rejectedBecause } from '../pipeline';
import type { RunAddress } from '../ports';
import { shorten } from '../shorten';

/** Why a call is turned away. */
export type Refusal = 'ALREADY_RUNNING' | 'ALREADY_DONE' | 'STORE_UNREACHABLE';

/** The error of a call that is turned away. */
export const refusalOf = (code: Refusal, { name, key }: RunAddress): RejectedError =>
	rejectedBecause(code, name, key, Infinity);

/** The error of a run that another has taken over before it ended. */
export const lostRun = ({ name, key }: RunAddress): RunLostError =>
	new RunLostError(
		`Another call has taken over ("${name}", key "${shorten(key)}"), whose result counts`,
		'The work may have been done twice: look for what kept this call from renewing its lease, such as a process that stood still, and hand the fencing token on to what must not happen twice',
	);
