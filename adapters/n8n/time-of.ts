import { isTime } from '../../core/iso-time';

/** A time that was read somewhere, in ms since the epoch; undefined where it is none that a clock shows. */
export function timeOf(read: unknown): number | undefined {
	const at = typeof read === 'number' || (typeof read === 'string' && read) ? Number(read) : NaN;
	return isTime(at) ? at : undefined;
}
