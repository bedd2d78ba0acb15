import { isoTime } from '../../core/iso-time';
import type { AuditLog } from './audit-log';

/**
 * Lets a log forget what is older than it is kept, when it is first used on a day.
 * @param keepMs how long lines are kept, in ms.
 * @returns is told the time (ms since the epoch) at each use.
 */
export function dailyRetention(
	log: Pick<AuditLog, 'forgetBefore'>,
	keepMs: number,
): (now: number) => Promise<void> {
	let lastDay = '';
	return async (now) => {
		const day = isoTime(now).slice(0, 10);
		if (day === lastDay) return;
		lastDay = day;
		await log.forgetBefore(now - keepMs, now);
	};
}
