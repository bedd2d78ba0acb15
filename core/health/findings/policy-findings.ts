import type { Sighting } from '../../stack-events';
import type { Finding } from './finding';

/** Breakers that are not closed and bulkheads that are full. @param sightings of policies, as a watch saw them. */
export const policyFindings = (sightings: readonly Sighting[]): readonly Finding[] =>
	sightings.flatMap(({ kind, id, title, condition, evidence }): Finding[] => {
		const says = JSON.stringify(evidence);
		const common = {
			component: 'policies',
			subject: id,
			evidence: [{ source: 'policies', says }],
			playbook: 'breaker-storm',
		} as const;
		if (kind === 'circuit-breaker' && condition !== 'closed')
			return [
				{
					...common,
					id: `breaker-${condition}`,
					severity: condition === 'half-open' ? 'info' : 'warning',
					summary: `The ${title} is ${condition}: calls are turned away`,
					remedy: 'Mend the service behind it; it closes by itself (inspect_policy says when)',
				},
			];
		if (kind === 'bulkhead' && condition === 'saturated')
			return [
				{
					...common,
					id: 'bulkhead-saturated',
					severity: 'warning',
					summary: `The ${title} is full: calls wait or are turned away`,
					remedy: 'See what takes so long, or raise its limit',
				},
			];
		return [];
	});
