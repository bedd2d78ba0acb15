import { isoTime } from '../../iso-time';
import type { WorkflowAudit } from './workflow-audit';

/** Of each kind, as many times as these are told: the last ones. */
export const MOST_TIMES_TOLD = 20;

/** An audit as whoever asks is told of it. */
export function tellAudit({ fires, from, to, triggers, cannotTell, ...audit }: WorkflowAudit) {
	const { fired, missed, doubled, late } = fires;
	return {
		...audit,
		triggers: [...triggers],
		cannotTell: [...cannotTell],
		from: isoTime(from),
		to: isoTime(to),
		fired,
		missedCount: missed.length,
		missed: missed.slice(-MOST_TIMES_TOLD).map(isoTime),
		doubledCount: doubled.length,
		doubled: doubled.slice(-MOST_TIMES_TOLD).map(({ at, times }) => ({ at: isoTime(at), times })),
		lateCount: late.length,
		late: late.slice(-MOST_TIMES_TOLD).map(({ at, lateMs }) => ({ at: isoTime(at), lateMs })),
	};
}
