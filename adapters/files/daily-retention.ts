import { isoTime } from '../../core/iso-time';
import type { AuditLog } from './audit-log';

/** How long after it failed it is tried again, in ms: whatever fails may fail at each use. */
const RETRY_MS = 3_600_000;

/**
 * Lets a log forget what is older than it is kept, when it is first used on a day; where that fails, an hour later again.
 * @param keepMs how long lines are kept, in ms.
 * @returns is told the time (ms since the epoch) at each use.
 */
export function dailyRetention(
	log: Pick<AuditLog, 'forgetBefore'>,
	keepMs: number,
): (now: number) => Promise<void> {
	let lastDay = '';
	let retryAt = -Infinity;
	return async (now) => {
		const day = isoTime(now).slice(0, 10);
		if (day === lastDay && now < retryAt) return;
		lastDay = day;
		retryAt = now + RETRY_MS;
		await log.forgetBefore(now - keepMs, now);
		retryAt = Infinity;
	};
}
