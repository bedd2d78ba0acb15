import type { StackObservation } from '../stack-monitor';
import { severityOf, type Thresholds } from '../thresholds';
import type { Finding } from './finding';
import { count, duration, percent } from './words';

/** Of fewer executions a share says nothing. */
const FEWEST_EXECUTIONS = 20;

/** How executions end. */
export function executionFindings(
	{ look: { rates } }: StackObservation,
	{ errorRate }: Thresholds,
): readonly Finding[] {
	if (!rates.isKnown) return [];
	const { finished, failed, crashed, windowMs } = rates.value;
	const evidence = [
		{
			source: 'database',
			says: `${finished} ended within ${duration(windowMs)}: ${failed} with an error, ${crashed} crashed`,
		},
	] as const;
	const found: Finding[] = [];
	const share = finished > 0 ? failed / finished : 0;
	const severity = finished >= FEWEST_EXECUTIONS ? severityOf(share, errorRate) : undefined;
	if (severity)
		found.push({
			id: 'executions-fail',
			severity,
			component: 'executions',
			summary: `${percent(share)} of executions fail`,
			evidence,
			remedy: 'See which workflows, and whether they share a service that is down',
			playbook: 'breaker-storm',
		});
	if (crashed > 0)
		found.push({
			id: 'executions-crash',
			severity: 'critical',
			component: 'executions',
			summary: `${count(crashed, 'execution was', 'executions were')} marked crashed within ${duration(windowMs)}`,
			evidence,
			remedy: 'Look for what was lost (find_lost_executions): n8n never runs it again by itself',
			playbook: 'worker-zombie',
		});
	return found;
}
