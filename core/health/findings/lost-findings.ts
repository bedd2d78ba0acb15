import { isoTime } from '../../iso-time';
import type { LostSeen } from '../lost-seen';
import type { Severity } from '../severity';
import type { Finding } from './finding';
import { count } from './words';

/** Executions that n8n has lost: the sooner, the more can be done about them. */
export function lostFindings(seen: LostSeen | undefined): readonly Finding[] {
	if (!seen || seen.lost.length === 0) return [];
	const { at, lost } = seen;
	const losses = [...Map.groupBy(lost, ({ loss }) => loss)];
	const says = losses.map(([loss, some]) => `${some.length} ${loss}`).join(', ');
	const severities = new Set(lost.map(severityOf));
	return [
		{
			id: 'executions-lost',
			severity: (['critical', 'warning', 'info'] as const).find((one) => severities.has(one))!,
			component: 'executions',
			summary: `${count(lost.length, 'execution is', 'executions are')} lost: ${says}`,
			evidence: [
				{ source: 'database', says: `as it was compared with all else at ${isoTime(at)}` },
			],
			remedy:
				'See which (find_lost_executions), and plan to bring back what may be run again (plan_recovery)',
		},
	];
}

/** n8n has given up what is an error, with its input; somebody runs what hangs; all else is lost for good if nobody acts. */
const severityOf = ({ loss, status }: LostSeen['lost'][number]): Severity => {
	if (status === 'error') return 'info';
	return status === 'crashed' || loss === 'hangs' ? 'warning' : 'critical';
};
